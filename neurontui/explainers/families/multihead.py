"""`multi_head_attention_forward`: projections, scores, scale, mask, softmax, weighted values per head, and the projection out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.attention import Weights, heaviest, row_stages, row_table, weigh
from neurontui.explainers.families.projections import Layer, Masks, Projected, one
from neurontui.explainers.families.softmaxes import share_bars
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Block, Column, literal, products
from neurontui.explanation import Picture

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """One query of one sample: its projections, the row of scores of each head that is asked about, and what dropout kept of them."""

    layer: Layer
    queries: Projected
    keys: Projected
    rows: dict[int, Weights]
    masks: Masks
    kept: dict[int, Array] | None
    scale_up: float

    def alive(self, head: int) -> Array | None:
        """What dropout multiplies each key's weight with, (keys,); None without dropout."""
        return None if self.kept is None else np.where(self.kept[head], self.scale_up, 0.0)

    def shares(self, head: int) -> Array:
        """The weights as they multiply the values: after dropout."""
        alive = self.alive(head)
        return self.rows[head].shares if alive is None else self.rows[head].shares * alive

    def stages(self, head: int) -> list[Draft]:
        """Scores, sum and weights of one head."""
        depth = self.layer.depth
        features = range(head * depth, (head + 1) * depth)
        columns = self.masks.columns(head)

        def factors(j: int) -> tuple[Column, ...]:
            pairs = [c for e in features for c in (self.queries.column(0, e), self.keys.column(j, e))]
            inside = columns if j < self.masks.keys else []
            return (*pairs, literal("scale", 1 / math.sqrt(depth)), *(one(c.name, tuple(c.index[j]), c.numbers[j]) for c in inside))

        sums = f"s[j] = (1/√{depth}) · Σ q[e] · k[j, e], e from {features[0]} to {features[-1]}"
        return row_stages(self.rows[head], factors, f"head {head}: {sums}" + (" + mask" if columns else ""))

    def bars(self, head: int, why: str = "") -> tuple[Picture, ...]:
        """The attention row of one head; `why` that one."""
        row = self.rows[head]
        return share_bars(row.shares, heaviest(row), f"the attention row of head {head}{why}: the weight of each key", pointed=False)


@explains("torch.nn.functional.multi_head_attention_forward")
def multi_head_attention_forward(
    call: Call,
    /,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: torch.Tensor | None,
    in_proj_bias: torch.Tensor | None,
    bias_k: torch.Tensor | None,
    bias_v: torch.Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: torch.Tensor,
    out_proj_bias: torch.Tensor | None,
    training: bool = True,
    key_padding_mask: torch.Tensor | None = None,
    need_weights: bool = True,
    attn_mask: torch.Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: torch.Tensor | None = None,
    k_proj_weight: torch.Tensor | None = None,
    v_proj_weight: torch.Tensor | None = None,
    static_k: torch.Tensor | None = None,
    static_v: torch.Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html; (target, batch, embed)."""
    if static_k is not None or static_v is not None:
        return NotImplemented
    layer = Layer(call, num_heads, in_proj_weight is not None and not use_separate_proj_weight, in_proj_bias is not None)
    i, n, asked = _locate(call, num_heads, average_attn_weights)
    extras = [True] * (bias_k is not None) + [False] * add_zero_attn  # rows put behind the keys: bias_k, then a row of zeros
    queries = layer.project("query", 0, (i,), n)
    keys = layer.project("key", 1, range(key.shape[0]), n, tuple("bias_k" if e else "" for e in extras))
    masks = Masks(call, attn_mask, key_padding_mask, n, i, num_heads, key.shape[0], len(extras), is_causal and attn_mask is None)
    rows = {h: _score(queries, keys, h, layer.depth, masks, not need_weights) for h in asked}  # with weights torch takes the plain softmax
    p = dropout_p if training else 0.0
    heads = Heads(layer, queries, keys, rows, masks, _dropout(call, p, n, i, asked), 1 / (1 - p) if p < 1 else 0.0)
    if call.output:
        return _explain_weights(call, heads, call.at[-1])
    values = layer.project("value", 2, range(value.shape[0]), n, tuple("bias_v" if e else "" for e in extras))
    return _explain_output(call, heads, values, call.at[-1], out_proj_bias is not None)


def _locate(call: Call, num_heads: int, averaged: bool) -> tuple[int, int | None, list[int]]:
    """The query, the sample (None without a batch) and the heads that the asked element is made of."""
    if not call.output:
        i, *sample = call.at[:-1]
        return i, sample[0] if sample else None, list(range(num_heads))
    *where, i, _ = call.at
    asked = list(range(num_heads)) if averaged else [where.pop()]
    return i, where[0] if where else None, asked


def _score(queries: Projected, keys: Projected, head: int, depth: int, masks: Masks, safe: bool) -> Weights:
    part = slice(head * depth, (head + 1) * depth)
    q, k, scale = queries.numbers[0, part], keys.numbers[:, part], 1 / math.sqrt(depth)
    mask = masks.numbers(head)
    with np.errstate(all="ignore"):
        scores = scale * (k @ q) + mask
        spread = scale * (np.abs(k) @ np.abs(q) + np.sqrt(keys.spread[:, part] ** 2 @ q**2 + k**2 @ queries.spread[0, part] ** 2)) + np.abs(
            mask
        )
    return weigh(scores, np.where(np.isfinite(scores), spread, 0.0), mask == -math.inf, safe)


def _dropout(call: Call, p: float, n: int | None, i: int, heads: list[int]) -> dict[int, Array] | None:
    """Which weights were kept, for each head: the call again, asked for each head's weights."""
    if not p:
        return None
    weights = call.again(need_weights=True, average_attn_weights=False)[1]
    sample = weights if n is None else weights[n]
    return {h: (sample[h, i] != 0).cpu().numpy() for h in heads}


def _carried(heads: Heads, values: Projected, context: Array, weights: Array) -> float:
    """What rounding before the last projection may be made of, as far as it reaches the output.

    Roundings of different values add up in quadrature; those of one score reach every feature of its head together.
    """
    inner, scores, depth = 0.0, 0.0, heads.layer.depth
    for h, row in heads.rows.items():
        part, shares = slice(h * depth, (h + 1) * depth), heads.shares(h)
        v, w = values.numbers[:, part], weights[part]
        inner += float(np.sum((shares**2) @ values.spread[:, part] ** 2 * w**2 + (shares @ np.abs(v) * w) ** 2))
        scores += float(np.sum(shares * np.abs((v - context[part]) @ w) * row.spread))
    return math.sqrt(inner) + scores


def _attend(heads: Heads, values: Projected, weights: Sequence[Draft]) -> Draft:
    """Each head's weighted values side by side, (embed,); `weights` are the heads' stages of that name."""
    depth = heads.layer.depth
    numbers = np.concatenate([heads.shares(h) @ values.numbers[:, h * depth : (h + 1) * depth] for h in heads.rows])

    def factors(e: int) -> tuple[Column, ...]:
        """Each key's weight times its value."""
        head = e // depth
        alive = heads.alive(head)
        found: list[Column] = []
        for j, share in enumerate(heads.rows[head].shares):
            found += [Column(f"p of head {head}", np.array([[j]]), np.array([share]), weights[head]), values.column(j, e)]
            found += [literal("dropout", float(alive[j]))] if alive is not None else []
        return tuple(found)

    block = Block(factors, numbers, lambda e: f"context[{e}]")
    return Draft("context[e] = Σⱼ p[j] · projected value[j, e], the heads side by side", "apply", [block], title="context")


def _explain_output(call: Call, heads: Heads, values: Projected, o: int, biased: bool) -> Draft:
    """`Σ context[e] · out_proj_weight[o, e] + bias`, the context being all heads' weighted values side by side."""
    layer = heads.layer
    per_head = {h: heads.stages(h) for h in heads.rows}
    attended = _attend(heads, values, [found[-1] for found in per_head.values()])
    context, weights = attended.values, call.read("out_proj_weight", o, range(layer.width))
    blocks = [products(Column("context", np.arange(len(context))[:, None], context, attended), weights)]
    largest = int(np.argmax([abs(blocks[0].values[h * layer.depth : (h + 1) * layer.depth].sum()) for h in heads.rows]))
    if biased:
        blocks.append(products(call.read("out_proj_bias", o), label="bias"))
    magnitude = sum(float(np.abs(block.values).sum()) for block in blocks) + _carried(heads, values, context, weights.numbers)
    row = heads.rows[largest]
    return Draft(
        "output[o] = Σ context[e] · out_proj_weight[o, e]" + (" + out_proj_bias[o]" if biased else ""),
        "sum",
        blocks,
        stages=[heads.queries.stage, heads.keys.stage, values.stage, *(part for found in per_head.values() for part in found), attended],
        indices={"o": o, "head": largest},
        notes=(
            f"{layer.heads} heads of {layer.depth} features each; head {largest} gives the largest part of this number, its row is drawn.",
            "Projections, scores and weights are recomputed: open this call (k) to see the kernels' own.",
        ),
        tables=(row_table(row, heads.kept[largest] if heads.kept is not None else None),),
        pictures=heads.bars(largest, ", which gives the largest part"),
        magnitude=magnitude if math.isfinite(magnitude) else 0.0,
        coarse=True,
        size=max(layer.width, len(row.shares)),
    )


def _explain_weights(call: Call, heads: Heads, j: int) -> Draft:
    """The second output: the weight of key j, of one head, or the mean of all."""
    blocks, magnitude, stages, count = [], 0.0, [heads.queries.stage, heads.keys.stage], len(heads.rows)
    for head, row in heads.rows.items():
        made, alive = heads.stages(head), heads.alive(head)
        stages += made
        extra = [literal("dropout", float(alive[j]))] if alive is not None else []
        mark = "masked" if row.masked[j] else "dropped" if alive is not None and not alive[j] else ""
        column = Column(f"p of head {head}", np.array([[j]]), row.shares[j : j + 1], made[-1])
        blocks.append(products(column, *extra, literal("1/heads", 1 / count), mark=mark))
        magnitude += float(heads.shares(head)[j]) / count * (1 + row.spread[j] + float(row.shares @ row.spread))
    first, last = next(iter(heads.rows.items()))
    gone = all(bool(row.masked[j]) for row in heads.rows.values())
    mean = "mean over the heads of " if count > 1 else ""
    return Draft(
        f"weights[i, j] = {mean}softmaxⱼ(q · k[j] / √depth)",
        "sum",
        blocks,
        stages=stages,
        indices={"i": heads.masks.i, "j": j},
        zero="masked" if gone and call.actual == 0 else "",
        tables=(row_table(last),),
        pictures=heads.bars(first),
        magnitude=float(magnitude),
        size=max(heads.layer.width, len(last.shares)),
        coarse=True,
    )
