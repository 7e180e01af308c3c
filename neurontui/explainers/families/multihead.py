"""`multi_head_attention_forward`: projections, scores, scale, mask, softmax, weighted values per head, and the projection out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.attention import Weights, row_pictures, row_stages, row_table, weigh
from neurontui.explainers.families.projections import Layer, Masks, Projected, one
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Block, Column, literal, products

if TYPE_CHECKING:
    import torch


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
    if call.output:
        *sample, i, j = call.at
        head = sample.pop() if not average_attn_weights else None
        n, heads = (sample[0] if sample else None), [head] if head is not None else list(range(num_heads))
        feature = None
    else:
        *where, feature = call.at
        i, n = where[0], (where[1] if len(where) > 1 else None)
        heads, j = list(range(num_heads)), 0
    queries = layer.project("query", 0, (i,), n)
    extras = _extras(call, bias_k is not None, add_zero_attn)
    keys = layer.project("key", 1, range(key.shape[0]), n, tuple("bias_k" if e else "" for e in extras))
    masks = Masks(call, attn_mask, key_padding_mask, n, i, num_heads, key.shape[0], len(extras), is_causal and attn_mask is None)
    rows = {h: _score(queries, keys, h, layer.depth, masks, not need_weights) for h in heads}  # with weights torch takes the plain softmax
    kept = _dropout(call, dropout_p if training else 0.0, n, i, heads)
    scale_up = 1 / (1 - dropout_p) if kept is not None and dropout_p < 1 else 0.0 if kept is not None else 1.0
    stages = [queries.stage, keys.stage]
    if feature is None:
        return _weights(call, layer, queries, keys, rows, masks, kept, scale_up, j, stages)
    values = layer.project("value", 2, range(value.shape[0]), n, tuple("bias_v" if e else "" for e in extras))
    shares = {h: _shares(row, kept[h] if kept is not None else None, scale_up) for h, row in rows.items()}
    return _output(call, layer, queries, keys, values, rows, masks, shares, feature, out_proj_bias is not None, kept, scale_up)


def _extras(call: Call, biased: bool, zero: bool) -> list[bool]:
    """Rows put behind the keys: bias_k (True), then a row of zeros (False)."""
    return [True] * biased + [False] * zero


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


def _head_stages(layer: Layer, queries: Projected, keys: Projected, row: Weights, head: int, masks: Masks) -> list[Draft]:
    """Scores, sum and weights of one head."""
    depth, first = layer.depth, head * layer.depth
    columns = masks.columns(head)

    def factors(j: int) -> tuple[Column, ...]:
        pairs = [c for e in range(first, first + depth) for c in (queries.column(0, e), keys.column(j, e))]
        inside = columns if j < masks.keys else []
        return (*pairs, literal("scale", 1 / math.sqrt(depth)), *(one(c.name, tuple(c.index[j]), c.numbers[j]) for c in inside))

    return row_stages(
        row,
        factors,
        f"head {head}: s[j] = (1/√{depth}) · Σ q[e] · k[j, e], e from {first} to {first + depth - 1}" + (" + mask" if columns else ""),
    )


def _shares(row: Weights, kept: Array | None, scale_up: float) -> Array:
    """The weights as they multiply the values: after dropout."""
    return row.shares * np.where(kept, scale_up, 0.0) if kept is not None else row.shares


def _context(layer: Layer, rows: dict[int, Weights], values: Projected, shares: dict[int, Array]) -> Array:
    """Each head's weighted values side by side, (embed,)."""
    return np.concatenate([shares[h] @ values.numbers[:, h * layer.depth : (h + 1) * layer.depth] for h in rows])


def _carried(layer: Layer, rows: dict[int, Weights], values: Projected, shares: dict[int, Array], context: Array, weights: Array) -> float:
    """What rounding before the last projection may be made of, as far as it reaches the output.

    Roundings of different values add up in quadrature; those of one score reach every feature of its head together.
    """
    inner, scores = 0.0, 0.0
    for h, row in rows.items():
        part = slice(h * layer.depth, (h + 1) * layer.depth)
        v, w = values.numbers[:, part], weights[part]
        inner += float(np.sum((shares[h] ** 2) @ values.spread[:, part] ** 2 * w**2 + (shares[h] @ np.abs(v) * w) ** 2))
        scores += float(np.sum(shares[h] * np.abs((v - context[part]) @ w) * row.spread))
    return math.sqrt(inner) + scores


def _output(
    call: Call,
    layer: Layer,
    queries: Projected,
    keys: Projected,
    values: Projected,
    rows: dict[int, Weights],
    masks: Masks,
    shares: dict[int, Array],
    o: int,
    biased: bool,
    kept: dict[int, Array] | None,
    scale_up: float,
) -> Draft:
    """`Σ context[e] · out_proj_weight[o, e] + bias`, the context being all heads' weighted values side by side."""
    numbers = _context(layer, rows, values, shares)
    weights = call.read("out_proj_weight", o, range(layer.width))
    per_head = {h: _head_stages(layer, queries, keys, row, h, masks) for h, row in rows.items()}

    def factors(e: int) -> tuple[Column, ...]:
        """Each key's weight times its value."""
        head = e // layer.depth
        dropped = kept[head] if kept is not None else None
        found: list[Column] = []
        for j, share in enumerate(rows[head].shares):
            found += [Column(f"p of head {head}", np.array([[j]]), np.array([share]), per_head[head][-1]), values.column(j, e)]
            found += [literal("dropout", scale_up if dropped[j] else 0.0)] if dropped is not None else []
        return tuple(found)

    attended = Draft(
        "context[e] = Σⱼ p[j] · projected value[j, e], the heads side by side",
        "apply",
        [Block(factors, numbers, lambda e: f"context[{e}]")],
        title="context",
    )
    column = Column("context", np.arange(len(numbers))[:, None], numbers, attended)
    blocks = [products(column, weights)]
    heaviest = int(np.argmax([abs(blocks[0].values[h * layer.depth : (h + 1) * layer.depth].sum()) for h in rows]))
    if biased:
        blocks.append(products(call.read("out_proj_bias", o), label="bias"))
    magnitude = sum(float(np.abs(block.values).sum()) for block in blocks) + _carried(layer, rows, values, shares, numbers, weights.numbers)
    stages = [queries.stage, keys.stage, values.stage, *(part for found in per_head.values() for part in found), attended]
    notes = (
        f"{layer.heads} heads of {layer.depth} features each; head {heaviest} gives the largest part here, its row is in the table.",
        "Projections, scores and weights are recomputed: open this call (k) to see the kernels' own.",
    )
    row = rows[heaviest]
    return Draft(
        "output[o] = Σ context[e] · out_proj_weight[o, e]" + (" + out_proj_bias[o]" if biased else ""),
        "sum",
        blocks,
        stages=stages,
        indices={"o": o, "head": heaviest},
        notes=notes,
        tables=(row_table(row, kept[heaviest] if kept is not None else None),),
        pictures=row_pictures(row, "key"),
        magnitude=magnitude if math.isfinite(magnitude) else 0.0,
        coarse=True,
        size=max(layer.width, len(row.shares)),
    )


def _weights(
    call: Call,
    layer: Layer,
    queries: Projected,
    keys: Projected,
    rows: dict[int, Weights],
    masks: Masks,
    kept: dict[int, Array] | None,
    scale_up: float,
    j: int,
    stages: list[Draft],
) -> Draft:
    """The second output: the weight of key j, of one head, or the mean of all."""
    blocks, magnitude = [], 0.0
    for head, row in rows.items():
        made = _head_stages(layer, queries, keys, row, head, masks)
        stages += made
        alive = (scale_up if kept[head][j] else 0.0) if kept is not None else 1.0
        share = float(row.shares[j]) / len(rows) * alive
        column = Column(f"p of head {head}", np.array([[j]]), row.shares[j : j + 1], made[-1])
        extra = [literal("dropout", alive)] if kept is not None else []
        mark = "masked" if row.masked[j] else "dropped" if kept is not None and not kept[head][j] else ""
        blocks.append(products(column, *extra, literal("1/heads", 1 / len(rows)), mark=mark))
        magnitude += share * (1 + row.spread[j] + float(row.shares @ row.spread))
    last = next(iter(rows.values()))
    gone = all(bool(row.masked[j]) for row in rows.values())
    formula = (
        "weights[i, j] = mean over the heads of softmaxⱼ(q · k[j] / √depth)"
        if len(rows) > 1
        else "weights[i, j] = softmaxⱼ(q · k[j] / √depth)"
    )
    return Draft(
        formula,
        "sum",
        blocks,
        stages=stages,
        indices={"i": masks.i, "j": j},
        zero="masked" if gone and call.actual == 0 else "",
        tables=(row_table(last),),
        pictures=row_pictures(last, "key"),
        magnitude=float(magnitude),
        size=max(layer.width, len(last.shares)),
        coarse=True,
    )
