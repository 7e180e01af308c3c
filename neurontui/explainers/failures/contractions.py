"""Einstein sums: sizes that share a letter and differ."""

from __future__ import annotations

from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure
from neurontui.records import Value
from neurontui.text import format_shape


def diagnose_einsum(crash: Crash) -> Failure | None:
    """`torch.einsum`: a letter with two sizes, or an operand with more or fewer dimensions than letters."""
    equation = next((part for part in crash.step.args if isinstance(part, str)), None) or crash.step.inputs.get("equation")
    if crash.op != "einsum" or not isinstance(equation, str):
        return None
    operands = crash.operands()
    letters = [part.strip() for part in equation.replace(" ", "").partition("->")[0].split(",")]
    if len(letters) != len(operands) or "." in equation:
        return None
    sizes: dict[str, tuple[int, Value, int]] = {}
    for word, operand in zip(letters, operands, strict=True):
        if len(word) != len(operand.shape):
            return _explain_count(crash, equation, word, operand)
        for dim, letter in enumerate(word):
            size, first, place = sizes.setdefault(letter, (operand.shape[dim], operand, dim))
            if operand.shape[dim] != size:
                return _explain_letter(crash, equation, letter, (first, place), (operand, dim))
    return None


def _explain_count(crash: Crash, equation: str, word: str, operand: Value) -> Failure:
    title = (
        f"{crash.label()} names {len(word)} dimensions, {word!r}, of {crash.source_label(operand)}, "
        f"which has {len(operand.shape)}: {format_shape(operand.shape)}."
    )
    rows = [crash.gives(operand), crash.takes(list(word), f"{len(operand.shape)} ≠ {len(word)} dimensions")]
    fixes = [f"Write {equation!r} with one letter for each of its {len(operand.shape)}, or make it {len(word)}-dimensional first."]
    return crash.explain(title, rows, "Each dimension of an operand has one letter.", fixes, operand)


def _explain_letter(crash: Crash, equation: str, letter: str, first: tuple[Value, int], second: tuple[Value, int]) -> Failure:
    one, other = first[0].shape[first[1]], second[0].shape[second[1]]
    title = f"{crash.label()} gives the letter {letter!r} of {equation!r} two sizes: {one} and {other}."
    rows = [crash.gives(*first), crash.gives(*second), crash.takes([letter], f"{other} ≠ {one}", 0)]
    fixes = [f"Make both {one}, or both {other}; or give them two letters, if they are not summed over together."]
    return crash.explain(title, rows, "One letter is one size, in every operand.", fixes, second[0])
