"""Data that were only moved: which element of which argument is this one?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from neurontui.capture import call_again
from neurontui.capture.structures import rebuild, tensors_in
from neurontui.explainers.calls import Call, broadcast_index, named_leaves, plain, to_numpy
from neurontui.explainers.drafts import Draft
from neurontui.explainers.generic.classes import BROADCASTS, IN_ORDER, MOVES, VIEWS
from neurontui.explainers.terms import literal, products
from neurontui.explanation import Picture
from neurontui.indices import ravel, unravel
from neurontui.records import Trace, Value
from neurontui.text import format_dtype, format_index

if TYPE_CHECKING:
    import torch

Source = tuple[str, tuple[int, ...]]  # the argument's name, the index in it


def explain_map(call: Call) -> Draft | None:
    """One term: the element that was moved here, or the constant that was put here. None where the map is not certain."""
    if call.key not in MOVES or call.actual is None:
        return None
    arguments = data_arguments(call)
    if not arguments:
        return None
    name, value = arguments[0]
    if call.key in IN_ORDER:
        found = _in_order(call, name, value)
    elif call.key in BROADCASTS:
        found = (name, broadcast_index(value.shape, call.at))
    else:
        found = _in_view(call, name, value) if call.key in VIEWS and len(arguments) == 1 else None
    if found is not None:
        draft = _moved(call, *found)
        if draft is not None:
            return draft
    return _by_numbering(call, arguments)


def data_arguments(call: Call) -> list[tuple[str, Value]]:
    """The tensors that may be moved, by name; index arguments are left out."""
    places = MOVES[call.key]
    wanted = {place for place, _ in places}
    names = {name for _, name in places}
    given = [(name, item) for i, (name, item) in enumerate(call.name_inputs().items()) if i in wanted or name in names]
    return [(name, leaf) for name, leaf in named_leaves(dict(given)) if isinstance(leaf, Value)]


def _moved(call: Call, name: str, index: tuple[int, ...]) -> Draft | None:
    """The draft of a moved element; a cast rounds on the way. None where the number is another one than the kernel's."""
    import torch

    column = call.read(name, *index)
    source = call.tensor(name)
    dtype = call.result.dtype
    same = source.dtype == dtype
    element = plain(source)[index].reshape(1)
    becomes = element.view(dtype) if call.key == "view" else element.to(dtype)  # view(dtype) leaves the bits as they are
    value = column.numbers if same else to_numpy(becomes)
    if not torch.equal(_bits(becomes), _bits(call.result[call.at].reshape(1))):
        return None
    how = "the same bits, read as that type" if call.key == "view" else "the nearest number of that type"
    notes = () if same else (f"{format_dtype(source.dtype)} becomes {format_dtype(dtype)}: {how}.",)
    formula = f"{format_index('output', call.at)} = {format_index(name, index)}" + ("" if same else f" as {format_dtype(dtype)}")
    return Draft(
        formula, "pick", [products(column, values=value, mark="picked")], method="index", notes=notes,
        pictures=(Picture("map", name, (index,)),),
    )  # fmt: skip


def _in_order(call: Call, name: str, value: Value) -> Source | None:
    """The n-th element stays the n-th."""
    if math.prod(value.shape) != math.prod(call.shape):
        return None
    return name, unravel(ravel(call.at, call.shape), value.shape)


def _in_view(call: Call, name: str, value: Value) -> Source | None:
    """Run it on the recorded memory: where the answer is a view of it, the element's place in memory tells its index."""
    base = call.tensor(value)
    if base.layout is not _strided() or base.numel() == 0:
        return None
    out = run(call, lambda v: call.tensor(v).detach())  # another object: transpose_ changes the one that it is given
    if out is None or out.untyped_storage()._cdata != base.untyped_storage()._cdata or out.dtype != base.dtype:
        return None
    place = out.storage_offset() + sum(i * s for i, s in zip(call.at, out.stride(), strict=True)) - base.storage_offset()
    index = index_at(int(place), tuple(base.shape), base.stride())
    return (name, index) if index is not None else None


def index_at(place: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, ...] | None:
    """The index of the element that lies `place` elements behind the first one in memory; None where none does."""
    index = [0] * len(shape)
    for stride, dim in sorted(((s, d) for d, s in enumerate(strides) if shape[d] > 1 and s > 0), reverse=True):
        index[dim], place = divmod(place, stride)
    return tuple(index) if place == 0 and all(0 <= i < n for i, n in zip(index, shape, strict=True)) else None


def _by_numbering(call: Call, arguments: list[tuple[str, Value]]) -> Draft | None:
    """Read the element's source off the numbers that moved to its place."""
    numbers = _remember(call, lambda: _number_and_run(call, arguments))
    if numbers is None:
        return None
    place = int(numbers[call.at]) - 1
    if place < 0:
        mark = _constant(call)
        return Draft(
            f"{format_index('output', call.at)} = {call.actual}", "pick",
            [products(literal("constant", call.result[call.at].item()), mark=mark)],
            method="index", zero=mark if call.actual == 0 else "",
            notes=(f"No element of an input is moved here: {call.key} puts a constant.",),
        )  # fmt: skip
    for name, value in arguments:
        size = math.prod(value.shape)
        if place < size:
            return _moved(call, name, unravel(place, value.shape))
        place -= size
    return None


def _number_and_run(call: Call, arguments: list[tuple[str, Value]]) -> torch.Tensor | None:
    """In the output's shape, the number (from 1) of the element that was moved there, 0 for a constant; None where it is not certain.

    The elements are numbered 1…N and the call is run twice, the second time N higher: a difference of N is a place, of 0 a constant.
    """
    import torch

    total = sum(math.prod(value.shape) for _, value in arguments)
    for dtype in (torch.int32 if 2 * total < 2**31 else torch.int64, torch.float64):  # some functions take no whole numbers
        low, high = (_run_numbered(call, arguments, shift, dtype) for shift in (1, 1 + total))
        if low is None or high is None or low.shape != call.result.shape or low.dtype != dtype:
            continue
        moved = (high - low) == total
        if bool((moved | (high == low)).all()):
            places = torch.where(moved, low, torch.zeros_like(low))
            return places if _gathers(call, arguments, places) else None
    return None


def _run_numbered(call: Call, arguments: list[tuple[str, Value]], start: int, dtype: torch.dtype) -> torch.Tensor | None:
    numbered = {}
    for _, value in arguments:
        numbered[id(value)] = number_elements(call.tensor(value), start, dtype)
        start += math.prod(value.shape)
    return run(call, lambda v: numbered.get(id(v), call.tensor(v)))


_MAPS: WeakKeyDictionary[Trace, dict[tuple[int, int], torch.Tensor | None]] = WeakKeyDictionary()
REMEMBERED = 8  # maps a trace, the newest, each of at most 2²² elements


def _remember(call: Call, make: Callable[[], torch.Tensor | None]) -> torch.Tensor | None:
    """The map of this output: every element of it has the same."""
    known, place = _MAPS.setdefault(call.trace, {}), (call.step.index, call.output)
    if place not in known:
        made = make()
        if made is not None and made.numel() > 2**22:
            return made
        known[place] = made
        for old in list(known)[:-REMEMBERED]:
            del known[old]
    return known[place]


def _gathers(call: Call, arguments: list[tuple[str, Value]], places: torch.Tensor) -> bool:
    """Whether the data gathered by the map are the recorded output, bit by bit (constants aside): of more than 2²⁰ elements, a sample."""
    import torch

    dtype, every = call.result.dtype, max(1, places.numel() // 2**20)
    chosen, recorded = places.reshape(-1)[::every], call.result.reshape(-1)[::every]
    data = [plain(call.tensor(value)).reshape(-1).to(dtype) for _, value in arguments]
    moved = chosen > 0
    gathered = (data[0] if len(data) == 1 else torch.cat(data))[(chosen[moved] - 1).long()]
    return torch.equal(_bits(gathered), _bits(recorded[moved]))


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    """Something that compares equal where the numbers are the same, NaN included."""
    import torch

    if tensor.is_floating_point() and tensor.dtype.itemsize == 1:
        tensor = tensor.to(torch.float32)  # float8 has no arithmetic
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.contiguous())
    return torch.nan_to_num(tensor, nan=12345.678, posinf=float("inf"), neginf=float("-inf")) if tensor.is_floating_point() else tensor


def number_elements(tensor: torch.Tensor, start: int, dtype: torch.dtype) -> torch.Tensor:
    """`start`, `start + 1`, … in the shape, and where it can be, the strides of `tensor`."""
    import torch

    numbers = torch.arange(start, start + tensor.numel(), dtype=dtype, device=tensor.device).reshape(tensor.shape)
    if tensor.layout is torch.strided and not tensor.is_contiguous() and all(s > 0 for s in tensor.stride()):
        strided = torch.empty_strided(tensor.shape, tensor.stride(), dtype=dtype, device=tensor.device)
        return strided.copy_(numbers) if not torch._debug_has_internal_overlap(strided) else numbers
    return numbers


def run(call: Call, replace: Any, grad: bool | None = None) -> torch.Tensor | None:
    """The asked output of the call, run again with `replace(value)` for each Value. None where it raises or gives no tensor."""
    args, kwargs = rebuild(call.step.args, replace), dict(rebuild(dict(call.step.kwargs), replace))
    try:
        result = call_again(call.trace, call.step, args, kwargs, grad=grad)
    except Exception:
        return None
    if result is None:  # a call that writes and returns nothing (`__setitem__`): the tensor after the write
        result = args[0] if args else next(iter(kwargs.values()), None)
    found = list(tensors_in(result))
    return found[call.output] if call.output < len(found) else None


def _constant(call: Call) -> str:
    return {"masked_fill": "masked", "tril": "masked", "triu": "masked", "pad": "padding", "constant_pad_nd": "padding"}.get(
        call.key, "constant"
    )


def _strided() -> torch.layout:
    import torch

    return torch.strided
