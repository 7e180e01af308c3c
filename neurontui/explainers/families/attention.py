"""`scaled_dot_product_attention`: score row → scale → mask → softmax → dropout → weighted values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call, broadcast_index
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.softmaxes import share_bars
from neurontui.explainers.families.windows import constants
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Block, Column, literal, products
from neurontui.explanation import Table

if TYPE_CHECKING:
    import torch

WIDE = 32  # keys that a table shows at most

Place = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """One query's row: scores (keys,), what rounding in them may be made of (keys,), which keys are masked, and their softmax."""

    scores: Array
    spread: Array
    masked: Array
    top: float
    total: float
    shares: Array


def weigh(scores: Array, spread: Array, masked: Array, safe: bool = True) -> Weights:
    """The softmax of a score row; a row that is masked throughout gives zeros where torch takes its safe softmax, else NaN."""
    with np.errstate(all="ignore"):
        top = float(np.max(scores)) if len(scores) else -math.inf
        powers = np.exp(scores - top) if top != -math.inf else np.zeros_like(scores)
        total = float(powers.sum())
        shares = powers / total if total != 0 else powers if safe else np.full_like(powers, math.nan)
    return Weights(scores, np.where(np.isfinite(spread), spread, 0.0), masked, top, total, shares)


@explains("torch.nn.functional.scaled_dot_product_attention")
def scaled_dot_product_attention(
    call: Call,
    /,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """`Σⱼ softmaxⱼ(scale·query·keyⱼ + mask) · valueⱼ` (Vaswani et al. 2017); the kernel stores no score, so they are recomputed."""
    if call.output or any(t.is_nested for t in (query, key, value)):
        return NotImplemented
    *batch, i, d = call.at
    keys, depth = key.shape[-2], query.shape[-1]
    factor = 1 / math.sqrt(depth) if scale is None else scale
    head = _shared_head(batch, query, key) if enable_gqa else batch
    q_at = broadcast_index(query.shape[:-2], tuple(batch))
    k_at, v_at = broadcast_index(key.shape[:-2], tuple(head)), broadcast_index(value.shape[:-2], tuple(head))
    q = call.read("query", *q_at, i, range(depth))
    k = call.read("key", *k_at, range(keys), range(depth)).numbers.reshape(keys, depth)
    mask = _read_mask(call, attn_mask, (*batch, i), keys)
    row = _score(q.numbers, k, factor, mask, is_causal, i)

    def factors(j: int) -> tuple[Column, ...]:
        """query · key, element by element, then the scale and the mask."""
        pairs = [c for e in range(depth) for c in (_one("query", (*q_at, i, e), q.numbers[e]), _one("key", (*k_at, j, e), k[j, e]))]
        masks = [_one("attn_mask", tuple(mask.index[j if len(mask.index) > 1 else 0]), mask.numbers[j])] if mask is not None else []
        return (*pairs, literal("scale", factor), *masks)

    stages = row_stages(row, factors, f"s[j] = {factor:.6g} · Σ query[i, e] · key[j, e]" + (" + mask[j]" if mask is not None else ""))
    if len(row.shares):
        stages.insert(0, _dot(call, q, (*k_at, heaviest(row)), factor))
    values = call.read("value", *v_at, range(keys), d)
    kept, scale_up = _dropout(call, value, dropout_p, (*batch, i))
    return _weighted(call, row, stages, values, kept, scale_up, dropout_p, max(keys, depth), is_causal, {"i": i, "d": d})


@explains("aten::_scaled_dot_product_flash_attention_for_cpu")
def flash_attention(
    call: Call,
    /,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    attn_mask: torch.Tensor | None = None,
    scale: float | None = None,
) -> Any:
    """The kernel below; its second output is each row's log Σ exp."""
    return scaled_dot_product_attention(call, query, key, value, attn_mask, dropout_p, is_causal, scale)


def _weighted(
    call: Call,
    row: Weights,
    stages: list[Draft],
    values: Column,
    kept: Array | None,
    scale_up: float,
    dropout_p: float,
    size: int,
    is_causal: bool,
    letters: dict[str, int],
) -> Draft:
    """The last stage: Σⱼ p[j] · value[j, d]."""
    shares, marks = row.shares, np.where(row.masked, "masked", "").astype(object)
    columns = [Column("p", np.arange(len(shares))[:, None], shares, stages[-1])]
    if kept is not None:
        columns.append(constants("dropout", np.where(kept, scale_up, 0.0), "0 where the weight was dropped, 1/(1−p) elsewhere"))
        marks[~kept & ~row.masked] = "dropped"
        shares = shares * np.where(kept, scale_up, 0.0)
    with np.errstate(all="ignore"):
        terms = products(*columns, values, mark=marks)  # type: ignore[arg-type]
        out = float(np.nansum(terms.values))
        carried = np.nansum(shares * np.abs(values.numbers - out) * row.spread)
        magnitude = float(np.nansum(np.abs(terms.values)) + carried)
    notes = ["The scores are recomputed: the kernel never stores them."]
    if is_causal:
        notes.append(f"Causal: query {letters['i']} sees the keys 0 to {letters['i']}.")
    if kept is not None:
        notes.append(f"{int((~kept).sum())} of {len(kept)} weights were dropped; the others are scaled by 1/(1−p) = {scale_up:g}.")
    gone = bool(row.masked.all()) and len(row.masked) > 0
    return Draft(
        "output[i, d] = Σⱼ softmaxⱼ(scale · query[i] · key[j]" + (" + mask[i, j]" if row.masked.any() else "") + ") · value[j, d]",
        "sum",
        [terms],
        stages=stages,
        indices=letters,
        notes=notes,
        zero="masked" if gone and call.actual == 0 else "",
        tables=(row_table(row, kept),),
        pictures=share_bars(row.shares, heaviest(row), "the attention row: the weight of each key", pointed=False),
        magnitude=magnitude,
        size=size,
        coarse=True,
    )


def heaviest(row: Weights) -> int:
    """The key of the greatest weight."""
    return int(np.argmax(row.shares)) if len(row.shares) else 0


def numbered(letter: str) -> Callable[[int], str]:
    """Labels `s[0]`, `s[1]`, …"""
    return lambda j: f"{letter}[{j}]"


def row_stages(row: Weights, factors: Callable[[int], tuple[Column, ...]], formula: str) -> list[Draft]:
    """The stages that every attention shares: scores, the sum of their exponentials, weights; one term a key."""
    marks = np.where(row.masked, "masked", "").astype(object)
    scores = Draft(formula, "max", [Block(factors, row.scores, numbered("s"), marks)], title="scores")  # type: ignore[arg-type]
    s = Column("s", np.arange(len(row.scores))[:, None], row.scores, scores)
    with np.errstate(all="ignore"):
        powers = np.exp(row.scores - row.top) if row.top != -math.inf else np.zeros_like(row.scores)
    exponentials = products(s, stage(scores, "max s"), values=powers, label=lambda j: f"exp(s[{j}] − max s)", mark=marks)  # type: ignore[arg-type]
    total = Draft("Σⱼ exp(s[j] − max s)", "sum", [exponentials], title="sum of exponentials")
    parts = products(s, stage(total, "Σ exp"), values=row.shares, label=numbered("p"), mark=marks)  # type: ignore[arg-type]
    return [scores, total, Draft("p[j] = exp(s[j] − max s) / Σ exp, which sum to 1", "sum", [parts], title="weights")]


def row_table(row: Weights, kept: Array | None = None) -> Table:
    """Scores and weights under one another, the heaviest keys where there are many, in order of the keys."""
    n = len(row.shares)
    shown = np.arange(n) if n <= WIDE else np.sort(np.argsort(-row.shares, kind="stable")[:WIDE])
    rows: list[tuple[str, tuple[Any, ...]]] = [
        ("score", tuple(float(x) for x in row.scores[shown])),
        ("weight", tuple(float(x) for x in row.shares[shown])),
    ]
    if row.masked.any():
        rows.insert(1, ("mask", tuple("masked" if m else "kept" for m in row.masked[shown])))
    if kept is not None:
        rows.append(("dropout", tuple("kept" if k else "dropped" for k in kept[shown])))
    title = "attention row" if n <= WIDE else f"attention row, the {WIDE} heaviest of {n} keys"
    best = int(np.argmax(row.shares[shown])) if n else None
    return Table(title, tuple(rows), tuple(f"key {j}" for j in shown), best)


def _score(q: Array, k: Array, scale: float, mask: Column | None, is_causal: bool, i: int) -> Weights:
    with np.errstate(all="ignore"):
        scores, spread = scale * (k @ q), abs(scale) * (np.abs(k) @ np.abs(q))
        masked = np.arange(len(k)) > i if is_causal else np.zeros(len(k), bool)
        if mask is not None and mask.numbers.dtype == np.bool_:
            masked = ~mask.numbers
        elif mask is not None:
            scores, spread = scores + mask.numbers, spread + np.abs(mask.numbers)
            masked = mask.numbers == -math.inf
    return weigh(np.where(masked, -math.inf, scores), np.where(masked, 0.0, spread), masked)


def _read_mask(call: Call, mask: Any, at: Sequence[int], keys: int) -> Column | None:
    """The mask's row for this query, one number a key."""
    if mask is None:
        return None
    place = broadcast_index(mask.shape, (*at, 0)) if mask.dim() else ()
    if mask.dim() and mask.shape[-1] == keys:
        return call.read("attn_mask", *place[:-1], range(keys))
    one = call.read("attn_mask", *place)
    return Column("attn_mask", np.asarray(one.index), np.broadcast_to(one.numbers, (keys,)), None)


def _shared_head(batch: Sequence[int], query: torch.Tensor, key: torch.Tensor) -> list[int]:
    """Grouped queries: neighbouring query heads share a key head."""
    return [*batch[:-1], batch[-1] // (query.shape[-3] // key.shape[-3])]


def _dot(call: Call, q: Column, key_at: Place, scale: float) -> Draft:
    """The score of the heaviest key, number by number."""
    terms = products(q, call.read("key", *key_at, range(len(q.numbers))), literal("scale", scale))
    return Draft(
        f"scale · Σ query[i, e] · key[{key_at[-1]}, e]", "sum", [terms], title=f"score of key {key_at[-1]}, the heaviest (before any mask)"
    )


def _dropout(call: Call, value: torch.Tensor, p: float, at: Place) -> tuple[Array | None, float]:
    """Which weights of this row were kept: the call again on an identity matrix for value gives the dropped weights themselves."""
    import torch

    if not p:
        return None, 1.0
    keys = value.shape[-2]
    identity = torch.eye(keys, dtype=value.dtype, device=value.device).expand(*value.shape[:-2], keys, keys)
    kept = call.again(value=identity)[at] != 0
    return kept.cpu().numpy(), 1 / (1 - p) if p < 1 else 0.0


def _one(name: str, index: Place, number: Any) -> Column:
    return Column(name, np.array([index], np.int64), np.array([number]))
