"""References: words of a lesson that name a number of the trace, `fc1.weight[0, 1]`, `sum 2`, `shape output`."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from neurontui.commands.parsing import parse_number, split_element
from neurontui.debugger import Debugger, Shown
from neurontui.debugger.indices import check_index, parse_index
from neurontui.debugger.reading import read_element
from neurontui.debugger.standing import keep_place
from neurontui.errors import CommandError, StepError
from neurontui.explanation import Explanation, Number
from neurontui.records import Step, Value
from neurontui.text import clean, format_shape, short_number

Shape = tuple[int, ...]
Fact = Number | Shape

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "==": lambda a, b: near(a, b), "!=": lambda a, b: not near(a, b), "<=": operator.le, ">=": operator.ge,
    "<": operator.lt, ">": operator.gt,
}  # fmt: skip


_CONDITION = re.compile(r"(?P<left>.+?)\s*(?P<sign>==|!=|<=|>=|<|>)\s*(?P<right>.+)")


@dataclass(frozen=True, slots=True)
class Condition:
    """`REF OP REF`, or `raises NAME`, as it was written; and whether it holds."""

    text: str
    holds: bool


def read_reference(debugger: Debugger, words: str) -> Fact:
    """What a reference says: a number, or a shape.

    Raises:
        NeuronTUIError: it names nothing that is there.
    """
    word, _, rest = words.strip().partition(" ")
    read = _WORDS.get(word)
    if read is not None and (rest or word in ("value", "parameters")):
        return read(debugger, rest.strip())
    return _read_element(debugger, words.strip())


def read_condition(debugger: Debugger, words: str) -> Condition:
    """Whether a condition holds in the trace.

    Raises:
        NeuronTUIError: it is none, or names nothing that is there.
    """
    text = words.strip()
    plain = text.removeprefix("not ")
    if plain.split()[:1] == ["raises"]:
        step = find_step(debugger, plain.removeprefix("raises").strip())
        return Condition(text, (step.error is not None) == (plain == text))
    found = _CONDITION.fullmatch(text)
    if not found:
        raise CommandError(f"{clean(text)!r} is no condition: it is REF OP REF, as in fc1[0] > 0, or raises NAME.")
    left, right = (_read_side(debugger, found[side]) for side in ("left", "right"))
    if isinstance(left, tuple) or isinstance(right, tuple):
        if found["sign"] not in ("==", "!="):
            raise CommandError(f"{clean(text)!r} compares shapes, and those are only == or !=.")
        return Condition(text, (left == right) == (found["sign"] == "=="))
    if isinstance(left, complex) or isinstance(right, complex):
        raise CommandError(f"{clean(text)!r} compares complex numbers, which have no order.")
    return Condition(text, OPERATORS[found["sign"]](left, right))


def compared_names(condition: str) -> list[str]:
    """The tensors whose numbers a condition compares, by name; its numbers, shapes, sums and terms name none."""
    found = _CONDITION.fullmatch(condition.strip())
    names = []
    for side in (found["left"], found["right"]) if found else ():
        words = side.removeprefix("before ").partition("[")[0].split()
        if words and words != ["value"] and words[0] not in ("shape", "sum", "term", "stage", "parameters") and not _is_number(side):
            names.append(words[-1])
    return names


def _is_number(words: str) -> bool:
    try:
        parse_number(words.strip())
    except CommandError:
        return False
    return True


def spell(fact: Fact, decimals: int | None = None) -> str:
    """A fact as a lesson shows it: `2.7`, `[2, 1]`, with as many decimals as were asked for."""
    if isinstance(fact, tuple):
        return format_shape(fact)
    if decimals is not None and isinstance(fact, int | float) and math.isfinite(fact):
        return f"{fact:.{decimals}f}".replace("-", "−")
    return short_number(fact).replace("-", "−") if not isinstance(fact, complex) else short_number(fact)


def near(left: Number, right: Number) -> bool:
    """Whether two numbers are the same, up to the rounding of float32."""
    if left != left or right != right:
        return left != left and right != right
    return left == right or abs(left - right) <= 1e-6 * max(abs(left), abs(right))


def find_step(debugger: Debugger, name: str = "") -> Step:
    """The step of that name, or the one where the walk stands.

    Raises:
        StepError: there is none of that name.
    """
    return debugger.trace.step(name) if name else debugger.step


def find_tensor(debugger: Debugger, name: str) -> Shown:
    """A tensor by name; "" and "output" are the output that is explained.

    Raises:
        StepError: there is none.
    """
    if not name:
        for shown in debugger.tensors():
            if shown.output == debugger.output:
                return shown
        raise StepError(f"{clean(debugger.step.name)} gave no tensor.")
    return debugger.find_shown(name)


def explain_here(debugger: Debugger) -> Explanation:
    """Why the number where the walk stands has its value.

    Raises:
        StepError: there is none to be explained.
    """
    why = debugger.explanation()
    if why is None:
        raise StepError(f"there is no number to explain at {clean(debugger.step.name)}.")
    return why


def explain_whole(debugger: Debugger) -> Explanation | None:
    """The same, whole, where a stage of it is looked at."""
    whole = debugger.fork()
    whole.move_to(replace(debugger.place, stage=None))
    return whole.explanation()


def explain_before(debugger: Debugger) -> Explanation | None:
    """The same number in the run before the edits, where there were any."""
    earlier = _before(debugger)
    return earlier.explanation() if earlier is not None else None


def _before(debugger: Debugger) -> Debugger | None:
    if debugger.first is None:
        return None
    earlier = Debugger(debugger.first)
    earlier.move_to(keep_place(debugger.run, debugger.first, debugger.place))
    return earlier


def value_of(why: Explanation) -> Number:
    """The number in question: the kernel's, or the recomputed one where the kernel stored none.

    Raises:
        StepError: it has neither.
    """
    number = why.actual if why.actual is not None else why.computed
    if number is None:
        raise StepError("the explanation has no number.")
    return number


def count_parameters(debugger: Debugger, path: str = "") -> int:
    """How many numbers the module of that path (or where the walk stands) learns, a tied one counted once.

    Raises:
        StepError: there is no such module.
    """
    trace = debugger.run
    step = find_step(debugger, path)
    while step.kind != "module" and step.parent is not None:
        step = trace.steps[step.parent]
    held: dict[str, Value] = {}
    for inner in trace.steps[step.index : step.end]:
        held.update({value.name or f"{inner.name}.{name}": value for name, value in inner.params.items() if value.role == "parameter"})
    return sum(math.prod(value.shape) for value in held.values())


def _read_side(debugger: Debugger, words: str) -> Fact:
    text = words.strip()
    if text.startswith("["):
        return parse_index(text)
    return parse_number(text) if _is_number(text) else read_reference(debugger, text)


def _read_element(debugger: Debugger, words: str) -> Number:
    name, index = split_element(words, tuple(title for shown in debugger.tensors() for title in (shown.title, shown.target)))
    shown = find_tensor(debugger, name)
    return _element_of(shown.value, index, name)


def _element_of(value: Value, index: str | None, name: str) -> Number:
    alone = index is None and all(size == 1 for size in value.shape)
    at = (0,) * len(value.shape) if alone else parse_index(index or "")
    return read_element(value, check_index(at, value.shape, name))


def _read_value(debugger: Debugger, rest: str) -> Number:
    if rest:
        return _read_element(debugger, rest)
    return value_of(explain_here(debugger))


def _read_sum(debugger: Debugger, rest: str) -> Number:
    terms, count = explain_here(debugger).terms, _count(rest)
    if not 1 <= count <= len(terms):
        raise StepError(f"there are {len(terms)} terms to sum, not {count}.")
    return sum(terms[place].value for place in range(count))


def _read_term(debugger: Debugger, rest: str) -> Number:
    terms, place = explain_here(debugger).terms, _count(rest)
    if place >= len(terms):
        raise StepError(f"there is no term {place}: they are numbered from 0, and there are {len(terms)}.")
    return terms[place].value


def _count(words: str) -> int:
    if not words.isdecimal():
        raise CommandError(f"{clean(words)!r} is no whole number.")
    return int(words)


def _read_stage(debugger: Debugger, rest: str) -> Number:
    whole = explain_whole(debugger)
    stages = whole.stages if whole is not None else ()
    for place, stage in enumerate(stages):
        if rest in (stage.title, str(place)):
            return value_of(stage)
    known = f"only {', '.join(stage.title for stage in stages)}" if stages else "and this explanation has no stages"
    raise StepError(f"there is no stage {clean(rest)!r}, {known}.")


def _read_shape(debugger: Debugger, rest: str) -> Shape:
    return tuple(find_tensor(debugger, rest).value.shape)


def _read_after(debugger: Debugger, rest: str) -> Number:
    name, index = split_element(rest, tuple(shown.title for shown in debugger.tensors()))
    shown = find_tensor(debugger, name)
    if shown.written is None:
        raise StepError(f"{clean(name)} was not written by {clean(debugger.step.name)}.")
    return _element_of(shown.written, index, name)


def _read_before(debugger: Debugger, rest: str) -> Fact:
    earlier = _before(debugger)
    if earlier is None:
        raise StepError("nothing was changed yet, so there is no run before.")
    return read_reference(earlier, rest)


def _measured(name: str) -> Callable[[Debugger, str], Number]:
    def read(debugger: Debugger, rest: str) -> Number:
        measured = getattr(debugger.statistics(find_tensor(debugger, rest).value), name)
        if measured is None:
            raise StepError(f"{clean(rest)} has no {name}.")
        return measured  # type: ignore[no-any-return]

    return read


_WORDS: dict[str, Callable[[Debugger, str], Fact]] = {
    "value": _read_value, "sum": _read_sum, "term": _read_term, "stage": _read_stage, "shape": _read_shape, "parameters": count_parameters,
    "after": _read_after, "before": _read_before, "min": _measured("minimum"), "max": _measured("maximum"), "mean": _measured("mean"),
    "zeros": _measured("zeros"),
}  # fmt: skip
