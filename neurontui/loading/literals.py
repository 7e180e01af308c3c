"""Numbers written as text, `[[1, 2], [3, 4]]`, as a tensor. Parsed, never evaluated."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from neurontui.errors import InputError
from neurontui.text import with_article

if TYPE_CHECKING:
    import torch

FORMS = "a literal such as [1, 2], a file, or randn:1x3, zeros:1x3, ones:1x3, arange:1x3, randint:0..100:1x3"


def read_literal(body: str, text: str) -> Any:
    """A Python literal of numbers, its tuples as lists; `nan` and `inf` are numbers too, and None is a value.

    Args:
        body: the literal.
        text: the whole input, for the sentence.

    Raises:
        InputError: it is no literal, or one of text or names.
    """
    try:
        tree = ast.parse(body, mode="eval")
        for parent in ast.walk(tree):
            for key, child in ast.iter_fields(parent):
                replaced = [_number_of(node) for node in child] if isinstance(child, list) else _number_of(child)
                setattr(parent, key, replaced)
        value = ast.literal_eval(tree)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        hint = f"; there is no file {body}" if re.fullmatch(r"[\w./\\-]+\.\w+", body) else ""
        raise InputError(f"the input {_shorten(text)!r} is not understood{hint}; give {FORMS}") from error
    if isinstance(value, (str, bytes, dict, set)) or value is Ellipsis:
        raise InputError(f"the input {_shorten(text)!r} is {with_article(type(value).__name__)}, not a number or a list of numbers")
    return _as_lists(value)


def _number_of(node: Any) -> Any:
    if isinstance(node, ast.Name) and node.id in ("nan", "inf"):
        return ast.Constant(float(node.id))
    return node


def _as_lists(value: Any) -> Any:
    return [_as_lists(part) for part in value] if isinstance(value, (list, tuple)) else value


def make_tensor(value: Any, text: str) -> torch.Tensor:
    """Nested lists of numbers as a tensor.

    Raises:
        InputError: they are ragged, hold something else than numbers, or a number that no dtype holds.
    """
    import torch

    _check_regular(value, _shorten(text))
    try:
        return torch.tensor(value, device="cpu")
    except (ValueError, TypeError, RuntimeError, OverflowError) as error:
        raise InputError(f"the input {_shorten(text)!r} cannot be a tensor: {' '.join(str(error).split())}") from error


def _check_regular(value: Any, text: str) -> tuple[int, ...]:
    """The shape of nested lists, all of whose rows must be alike."""
    if not isinstance(value, list):
        if not isinstance(value, (bool, int, float, complex)):
            raise InputError(f"the input {text!r} holds {value!r}, which is no number")
        return ()
    shapes = [_check_regular(part, text) for part in value]
    if len(set(shapes)) > 1:
        kinds = " and ".join(dict.fromkeys(_say_shape(shape) for shape in shapes))
        raise InputError(f"the input {text!r} is ragged: it has {kinds} side by side; every row must be as long as the others")
    return (len(value), *(shapes[0] if shapes else ()))


def _say_shape(shape: tuple[int, ...]) -> str:
    return f"rows of {shape[0]}" if shape else "single numbers"


def _shorten(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."
