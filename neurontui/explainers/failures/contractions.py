"""Einstein sums and scaled dot-product attention: sizes that share a letter or a place and differ."""

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
    fixes = [f"Write {equation!r} with one letter for each."]
    return crash.explain(title, rows, "Each dimension of an operand has one letter.", fixes, operand)


def _explain_letter(crash: Crash, equation: str, letter: str, first: tuple[Value, int], second: tuple[Value, int]) -> Failure:
    one, other = first[0].shape[first[1]], second[0].shape[second[1]]
    title = f"{crash.label()} gives the letter {letter!r} of {equation!r} two sizes: {one} and {other}."
    rows = [crash.gives(*first), crash.gives(*second), crash.takes([letter], f"{other} ≠ {one}", 0)]
    fixes = [f"Make both {one}, or both {other}; or give them two letters, if they are not summed over together."]
    return crash.explain(title, rows, "One letter is one size, in every operand.", fixes, second[0])


def diagnose_scaled_attention(crash: Crash) -> Failure | None:
    """`scaled_dot_product_attention`: queries and keys of different width, keys and values of different number."""
    query, key, value = (crash.operand(name) for name in ("query", "key", "value"))
    if crash.op != "scaled_dot_product_attention" or query is None or key is None or value is None:
        return None
    if min(len(query.shape), len(key.shape), len(value.shape)) < 2:
        return None
    if query.shape[-1] != key.shape[-1]:
        width, other = query.shape[-1], key.shape[-1]
        title = f"{crash.label()} multiplies queries of {width} features by keys of {other}."
        rule = "A query and a key have the same number of features: (…, queries, features) and (…, keys, features)."
        rows = [crash.gives(query, -1), crash.gives(key, -1), crash.takes(["*", "*", width], f"{other} ≠ {width}", -1)]
        return crash.explain(title, rows, rule, [f"Project both to {width} features, or both to {other}."], key)
    if key.shape[-2] != value.shape[-2]:
        count, other = key.shape[-2], value.shape[-2]
        title = f"{crash.label()} has {count} keys, but {other} values."
        rows = [crash.gives(key, -2), crash.gives(value, -2), crash.takes(["*", count, "*"], f"{other} ≠ {count}", 1)]
        return crash.explain(title, rows, "Each key has one value.", ["Make keys and values from the same tensor."], value)
    return None
