"""Calls of `forward` with the wrong arguments, and exceptions that the model's own code raises."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import torch

from neurontui.errors import message_of, name_type, nearest
from neurontui.explainers.failures.crash import Crash, values_in
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.records import leaves
from neurontui.storage.errors import describe_raiser
from neurontui.text import format_shape, with_article

_MISSING = re.compile(r"forward\(\) missing (\d+) required (?:positional|keyword-only) arguments?: (.+)")
_EXTRA = re.compile(r"forward\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were) given")
_UNKNOWN = re.compile(r"forward\(\) got an unexpected keyword argument '(\w+)'")
_OWNER = re.compile(r"(\w+)\.forward\(\)")
_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
_OF_MODULE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_MOST_NAMES = 4
_TWICE = re.compile(r"forward\(\) got multiple values for argument '(\w+)'")
_NO_FORWARD = re.compile(r'Module \[(\w+)\] is missing the required "forward" function')


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
    if found := _UNKNOWN.search(message):
        title = f"{crash.label()} was called with {found[1]}=…, which its forward does not take."
        fix = f"Leave {found[1]} out{', or add it to forward(self, …)' * crash.is_own_code()}."
        return crash.explain(title, [_takes(crash, f"no {found[1]}")], "A call fits the names of forward.", [fix])
    if found := _TWICE.search(message):
        title = f"{crash.label()} was given {found[1]} twice: by its place and by its name."
        fix = f"Give {found[1]} once, without its name or with it."
        return crash.explain(title, [_takes(crash, f"{found[1]} twice")], "A call fits the names of forward.", [fix])
    return None


def _is_own_forward(crash: Crash) -> bool:
    """Whether the message is about the `forward` of the failing module, and not of something that it called."""
    owner = _OWNER.search(crash.message)
    return owner is not None and owner[1] in describe_raiser(crash.step).classes


def _explain_missing(crash: Crash, missing: str) -> Failure:
    names = missing.replace("'", "")
    title = f"{crash.label()} was called without {names}."
    fix = f"Give {names} in the call"
    fix += f", or on the command line: --input {names.split(',')[0].split(' ')[0]}=…" if crash.step.index == 0 else ""
    fixes = [f"{fix}."] + [f"Or give {names} a default in forward."] * crash.is_own_code()
    if crash.in_sequential():
        fixes.insert(0, "A Sequential hands on one value only: call this layer in a forward of your own.")
    return crash.explain(
        title, [_given(crash), _takes(crash, f"without {names}")], "A call gives every argument of forward that has no default.", fixes
    )


def _explain_extra(crash: Crash, takes: int, given: int) -> Failure:
    title = f"{crash.label()} was called with {given} argument{'s' * (given != 1)}, but its forward takes {takes}."
    more = given - takes
    own = f", or give forward(self, …) {more} more" * crash.is_own_code()
    fixes = [f"Leave {more} argument{'s' * (more != 1)} out{own}."]
    if takes < 1:
        fixes.insert(0, "Write def forward(self, x): its first parameter is the module itself, its input comes after that.")
    return crash.explain(title, [_given(crash), _takes(crash, f"{given} ≠ {takes}")], "A call fits the names of forward.", fixes)


def _given(crash: Crash) -> Side:
    shapes = ", ".join(format_shape(value.shape) for value in values_in((crash.step.args, crash.step.kwargs))) or "nothing"
    return Side("the call", "gives", shapes)


def _takes(crash: Crash, clash: str) -> Side:
    names = describe_raiser(crash.step).arguments
    shown = [*names[:_MOST_NAMES], *["…"] * (len(names) > _MOST_NAMES)]
    return Side(crash.label(), "takes", f"forward({', '.join(('self', *shown))})", clash, (), crash.step.index)


def diagnose_no_forward(crash: Crash) -> Failure | None:
    """A module whose class defines no `forward`, or that only holds others."""
    found = _NO_FORWARD.search(crash.message)
    if not crash.is_a("NotImplementedError") or found is None:
        return None
    kind = found[1]
    called = "" if kind == crash.op else f" calls {with_article(kind)}, which"  # one that no hook of ours is on
    title = f"{crash.label()}{called} has no forward, so it cannot be called."
    if kind in {"ModuleList", "ModuleDict"}:
        fixes = [f"A {kind} only holds modules: call each of them in a loop, or use nn.Sequential."]
    else:
        fixes = ["Write def forward(self, x): in the class; mind the spelling and the indentation."]
    return crash.explain(title, [], "model(x) runs forward(x).", fixes)


def diagnose_attribute(crash: Crash) -> Failure | None:
    """A layer that the module does not have: a slip of the pen, or one that __init__ never made. Or a function that torch does not have."""
    if not crash.is_a("AttributeError") or crash.step.kind != "module":
        return None
    if found := _OF_MODULE.search(crash.message):
        known = dir(sys.modules[found[1]]) if found[1] in sys.modules else []
        title = f"{crash.label()} asks {found[1]} for {found[2]}, which it does not have{nearest(found[2], known) or '.'}"
        return crash.explain(title, [], f"{found[1]}.NAME is what that module holds under that name.", ["Look how it is spelled."])
    found = _ATTRIBUTE.search(crash.message)
    if found is None:
        return None
    raiser = describe_raiser(crash.step)
    if found[1] == "Tensor" or found[1] not in raiser.classes[:1]:
        return _explain_foreign(crash, found[1], found[2])
    title = f"{crash.label()} has no {found[2]}{nearest(found[2], raiser.layers) or '.'}"
    fixes = [f"Its layers are {', '.join(raiser.layers)}." if raiser.layers else "It has no layers of its own."]
    fixes.append(f"Make it in __init__: self.{found[2]} = …")
    return crash.explain(title, [], "self.NAME is what __init__ made under that name.", fixes)


def _explain_foreign(crash: Crash, kind: str, name: str) -> Failure | None:
    """An attribute of a tensor or of one of torch's layers, as `x.reul()` and `self.fc.shape`."""
    holder = torch.Tensor if kind == "Tensor" else getattr(torch.nn, kind, None)
    if holder is None or name.startswith("_"):
        return None
    title = f"{crash.label()} asks {with_article(kind)} for {name}, which it does not have{nearest(name, dir(holder)) or '.'}"
    fixes = ["Look how it is spelled; what is no method may be a function, torch.NAME(x) or F.NAME(x)."]
    if hasattr(torch.Tensor, name) and kind != "Tensor":
        fixes = [f"A tensor has {name}, a layer does not: take it of what the layer gives, layer(x).{name}."]
    return crash.explain(title, [], f"{with_article(kind, first=True)} has what its class defines.", fixes)


def describe_raise(crash: Crash) -> Failure:
    """Any other error: what the call was given, and torch's or the model's own words; of a bare assert, the line."""
    first = crash.message.splitlines()[0] if message_of(crash.error).strip() else crash.line
    title = f"{crash.label()} raised {name_type(crash.error)}: {first}"
    rows = [Side(f"{name}{place}", "has", format_shape(v.shape)) for name, thing in crash.step.inputs.items() for place, v in leaves(thing)]
    return crash.explain(title, rows)


def with_cause(raised: Failure, cause: Failure) -> Failure:
    """The failure behind a raise of the user's own code, told with what that code made of it."""
    return replace(cause, title=f"{raised.title.rstrip('.')}. Behind it: {cause.title}")
