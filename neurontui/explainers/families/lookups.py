"""embedding, cat and stack: which row, which source."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.lengths import p_norm
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import chooser, literal, products
from neurontui.explanation import Picture
from neurontui.text import format_dtype, format_index, short_number


@explains("torch.nn.functional.embedding")
def embedding(
    call: Call, /, input: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Any:  # fmt: skip
    """`output[…, j] = weight[input[…], j]`: a row is picked, nothing is calculated; but one longer than `max_norm` is first shortened."""
    return _row(call, "input", padding_idx) if max_norm is None else _shortened(call, padding_idx, max_norm, float(norm_type))


def _shortened(call: Call, padding_idx: int | None, max_norm: float, norm_type: float) -> Draft:
    """As `embedding_renorm_`, which writes the shortened row back into the weight."""
    *where, j = call.at
    chosen = call.read("input", *where)
    row = int(chosen.number)  # type: ignore[arg-type]
    box = (row, range(call.tensor("weight").shape[1]))
    values = call.read("weight", *box)
    length = p_norm([values], values.numbers, norm_type, name="weight")
    norm = float(length.result())  # type: ignore[arg-type]
    said = f"Row {row} has the norm {short_number(norm)}, and max_norm is {max_norm:g}"
    if not norm > max_norm:
        draft = _row(call, "input", padding_idx)
        return replace(draft, notes=(*draft.notes, f"{said}: it stays as it is."))
    parts = [products(literal("max_norm", max_norm)), products(stage(length))]
    scale = Draft("max_norm / (norm + 1e-7)", "apply", parts, computed=max_norm / (norm + 1e-7), title="scale")
    block = products(call.read("weight", row, j), stage(scale), chooser(chosen), label=f"weight[{row}, {j}] · scale")
    return Draft(
        "output[…, j] = weight[input[…], j] · max_norm / ‖row‖",
        "sum",
        [block],
        stages=[length, scale],
        indices={"j": j},
        notes=(f"{said}: the row is shortened, in the weight itself.",),
        size=len(values.numbers),
        coarse=True,
        magnitude=2 * abs(float(block.values[0])),
        pictures=(box_picture("weight", box, "the row that is shortened", "row", focus=(row, j)),),
    )


@explains("torch.embedding")
def embedding_kernel(
    call: Call, /, weight: Any, indices: Any, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False
) -> Any:
    """As F.embedding, weight first."""
    return _row(call, "indices", padding_idx if padding_idx >= 0 else None)


def _row(call: Call, index_name: str, padding_idx: int | None) -> Draft:
    *where, j = call.at
    chosen = call.read(index_name, *where)
    row = int(chosen.number)  # type: ignore[arg-type]
    picked = call.read("weight", row, j)
    padding = padding_idx is not None and row == padding_idx % call.tensor("weight").shape[0]
    place = format_index(index_name, where)
    notes = (f"{place} = {row}: row {row} of weight is picked, nothing is calculated.",) + (
        (f"Row {row} is the padding row.",) if padding else ()
    )
    term = products(picked, chooser(chosen), label=f"weight[{row}, {j}]", mark="padding" if padding else "picked")
    return Draft(
        f"output[…, j] = weight[{index_name}[…], j]", "pick", [term], indices={"j": j}, notes=notes, method="index",
        zero="padding" if padding and call.actual == 0 else "",
        pictures=(box_picture("weight", (row, range(call.tensor("weight").shape[1])), "", "row", focus=(row, j)),),
    )  # fmt: skip


@explains("torch.cat")
def cat(call: Call, /, tensors: Any, dim: int = 0) -> Any:
    """The tensors one after another along `dim`: which one, and at which offset."""
    d = dim % len(call.at)
    at = list(call.at)
    for n, tensor in enumerate(tensors):
        if tensor.dim() == 1 and tensor.shape[0] == 0 and len(at) != 1:  # torch skips the old empty tensor of shape (0,)
            continue
        if at[d] < tensor.shape[d]:
            return _part(call, n, tuple(at), len(tensors))
        at[d] -= tensor.shape[d]
    return NotImplemented


@explains("torch.stack")
def stack(call: Call, /, tensors: Any, dim: int = 0) -> Draft:
    """The tensors side by side in a new dimension."""
    d = dim % len(call.at)
    return _part(call, call.at[d], call.at[:d] + call.at[d + 1 :], len(tensors))


def _part(call: Call, n: int, index: tuple[int, ...], count: int) -> Draft:
    name = f"tensors[{n}]"
    column = call.read(name, *index)
    place = format_index(name, index)
    same = call.tensor(name).dtype == call.result.dtype
    return Draft(
        f"{format_index('output', call.at)} = {place}", "pick", [products(column, mark="picked")], method="index",
        notes=(f"From tensor {n} of {count}." + ("" if same else f" It becomes {format_dtype(call.result.dtype)}."),),
        pictures=(Picture("map", name, (index,)),),
    )  # fmt: skip
