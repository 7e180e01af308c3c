"""Calls of `forward` with the wrong arguments, and exceptions that the model's own code raises."""

from __future__ import annotations

import re

from neurontui.errors import nearest
from neurontui.explainers.failures.crash import Crash, values_in
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.records import leaves
from neurontui.signatures import forward_names
from neurontui.storage.errors import name_type
from neurontui.text import format_shape

_MISSING = re.compile(r"forward\(\) missing (\d+) required (?:positional|keyword-only) arguments?: (.+)")
_EXTRA = re.compile(r"forward\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were) given")
_UNKNOWN = re.compile(r"forward\(\) got an unexpected keyword argument '(\w+)'")
_OWNER = re.compile(r"(\w+)\.forward\(\)")
_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
_TWICE = re.compile(r"forward\(\) got multiple values for argument '(\w+)'")
_NO_FORWARD = re.compile(r'is missing the required "forward" function')


def diagnose_arguments(crash: Crash) -> Failure | None:
    """`forward` was called with an argument too few, too many, or of another name."""
    if crash.step.kind != "module" or not crash.is_a("TypeError"):
        return None
    message = crash.message
    if not _is_own_forward(crash):
        return None
    if found := _MISSING.search(message):
        return _explain_missing(crash, found[2])
    if found := _EXTRA.search(message):
        return _explain_extra(crash, int(found[1]) - 1, int(found[2]) - 1)
    if found := _UNKNOWN.search(message) or _TWICE.search(message):
        title = f"{crash.label()} was called with {found[1]}=…, which its forward does not take{' again' * ('multiple' in message)}."
        rows = [_takes(crash, f"no {found[1]}" if "unexpected" in message else f"{found[1]} twice")]
        return crash.explain(title, rows, "A call fits the names of forward.", [f"Leave {found[1]} out, or add it to forward(self, …)."])
    return None


def _is_own_forward(crash: Crash) -> bool:
    """Whether the message is about the `forward` of the failing module, and not of something that it called."""
    owner = _OWNER.search(crash.message)
    kinds = type(crash.step.target).__mro__ if crash.step.target is not None else ()
    return owner is not None and (not kinds or owner[1] in {kind.__name__ for kind in kinds})


def _explain_missing(crash: Crash, missing: str) -> Failure:
    names = missing.replace("'", "")
    title = f"{crash.label()} was called without {names}."
    fix = f"Give {names} in the call"
    fix += f", or on the command line: --input {names.split(',')[0].split(' ')[0]}=…" if crash.step.index == 0 else ""
    fixes = [f"{fix}.", f"Or give {names} a default in forward."]
    if crash.step.parent is not None and crash.trace.steps[crash.step.parent].op.endswith("Sequential"):
        fixes.insert(0, "A Sequential hands on one value only: call this layer in a forward of your own.")
    return crash.explain(
        title, [_given(crash), _takes(crash, f"without {names}")], "A call gives every argument of forward that has no default.", fixes
    )


def _explain_extra(crash: Crash, takes: int, given: int) -> Failure:
    title = f"{crash.label()} was called with {given} arguments, but its forward takes {takes}."
    fixes = [f"Leave {given - takes} out, or add to forward(self, …)."]
    return crash.explain(title, [_given(crash), _takes(crash, f"{given} ≠ {takes}")], "A call fits the names of forward.", fixes)


def _given(crash: Crash) -> Side:
    shapes = ", ".join(format_shape(value.shape) for value in values_in((crash.step.args, crash.step.kwargs))) or "nothing"
    return Side("the call", "gives", shapes)


def _takes(crash: Crash, clash: str) -> Side:
    names = forward_names(crash.step.target)[0] if crash.step.target is not None else tuple(crash.step.inputs)
    return Side(crash.label(), "takes", f"forward({', '.join(('self', *names))})", clash, (), crash.step.index)


def diagnose_no_forward(crash: Crash) -> Failure | None:
    if not crash.is_a("NotImplementedError") or not _NO_FORWARD.search(crash.message):
        return None
    title = f"{crash.label()} has no forward, so it cannot be called."
    kind = crash.step.op.rsplit(".", 1)[-1]
    if kind in {"ModuleList", "ModuleDict"}:
        fixes = [f"A {kind} only holds modules: call each of them in a loop, or use nn.Sequential."]
    else:
        fixes = ["Write def forward(self, x): in the class; mind the spelling and the indentation."]
    return crash.explain(title, [], "model(x) runs forward(x).", fixes)


def diagnose_attribute(crash: Crash) -> Failure | None:
    """A layer that the module does not have: a slip of the pen, or one that __init__ never made."""
    found = _ATTRIBUTE.search(crash.message)
    module = crash.step.target
    if found is None or not crash.is_a("AttributeError") or type(module).__name__ != found[1] or not hasattr(module, "named_children"):
        return None
    known = [name for name, _ in module.named_children()]
    title = f"{crash.label()} has no {found[2]}{nearest(found[2], known) or '.'}"
    fixes = [f"Its layers are {', '.join(known)}." if known else "It has no layers of its own."]
    fixes.append(f"Make it in __init__: self.{found[2]} = …")
    return crash.explain(title, [], "self.NAME is what __init__ made under that name.", fixes)


def describe_raise(crash: Crash) -> Failure:
    """Any other error: what the call was given, and torch's or the model's own words."""
    first = crash.message.splitlines()[0]
    title = f"{crash.label()} raised {name_type(crash.error)}: {first}"
    rows = [Side(f"{name}{place}", "has", format_shape(v.shape)) for name, thing in crash.step.inputs.items() for place, v in leaves(thing)]
    return crash.explain(title, rows)
