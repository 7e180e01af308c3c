"""Attention: queries, keys and values that do not meet, and masks of another shape or type."""

from __future__ import annotations

import re
from dataclasses import dataclass

from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure
from neurontui.explainers.failures.labels import short_op
from neurontui.records import Value
from neurontui.text import format_dtype, format_shape

_EMBEDDING = re.compile(r"expecting embedding dimension of (\d+), but got (\d+)")
_SHAPE = re.compile(r"(?:should be|shape to be) \(([\d, ]+)\)")
_ORDER = "MultiheadAttention works on (length, batch, features); with batch_first=True it takes (batch, length, features)."
_PAIRS = "A mask says for each query which keys it may look at: (queries, keys), or that for each of batch · num_heads."


@dataclass(frozen=True, slots=True)
class _Given:
    """What a MultiheadAttention was given, before it turns the batch round, and which dimension is the batch."""

    query: Value
    key: Value
    value: Value
    batch: int


def diagnose_attention(crash: Crash) -> Failure | None:
    """MultiheadAttention: another embedding dimension, another batch, or a mask that does not fit."""
    given = _find_given(crash)
    if given is None or crash.op not in {"multi_head_attention_forward", "MultiheadAttention"} or "floating types" in crash.message:
        return None
    if found := _EMBEDDING.search(crash.message):
        return _explain_width(crash, given.query, int(found[1]), int(found[2]), "query")
    return _diagnose_masks(crash, given) or _diagnose_sources(crash, given)


def _find_given(crash: Crash) -> _Given | None:
    module = crash.module
    inside = crash.operand("query")
    layer = module if module is not None and module.op.endswith(".MultiheadAttention") else crash.step
    query, key, value = (layer.inputs.get(name) for name in ("query", "key", "value"))
    if not (isinstance(query, Value) and isinstance(key, Value) and isinstance(value, Value)):
        return None
    maker = None if inside is None else crash.producer(inside)
    turned = maker is not None and maker.index > layer.index and short_op(maker) == "transpose"
    return _Given(query, key, value, 0 if turned else 1)


def _explain_width(crash: Crash, wrong: Value, wanted: int, given: int, what: str) -> Failure:
    role = "" if what == "query" else f" as {what}"
    title = f"{crash.label()} takes embeddings of {wanted}, but {crash.source_label(wrong)} gives {given}{role}."
    rows = [crash.gives(wrong, -1), crash.takes([*["*"] * (len(wrong.shape) - 1), wanted], f"{given} ≠ {wanted}", -1)]
    module = crash.module
    around = module if module is None or module.parent is None else crash.trace.steps[module.parent]
    if around is not None and "Transformer" in around.op:
        here = f"{'it' if around.path == '.' else around.path} {short_op(around)}(d_model={given}, …)"
    else:
        here = f"{crash.place()} MultiheadAttention({given}, …)"
    fixes = [f"Either make {here}, or give it embeddings of {wanted}."]
    if what != "query":
        fixes = [f"Say MultiheadAttention(…, kdim={given}, vdim={given}), or give it a {what} of {wanted}."]
    return crash.explain(title, rows, "The last dimension of query, key and value = embed_dim, kdim, vdim.", fixes, wrong)


def _diagnose_masks(crash: Crash, given: _Given) -> Failure | None:
    mask = crash.operand("key_padding_mask" if "key_padd" in crash.message else "attn_mask" if "attn_mask" in crash.message else "")
    if mask is None:
        return None
    batched = len(given.query.shape) == 3
    keys = given.key.shape[1 - given.batch if batched else 0]
    if "key_padd" in crash.message:
        wanted = [given.key.shape[given.batch], keys] if batched else [keys]
        rule = f"key_padding_mask is (batch, keys), True where a key is padding. {_ORDER}"
        turned = "If the batch comes first in x too, say batch_first=True where the layer is made."
        return _explain_mask(crash, given.query, mask, wanted, rule, turned)
    found = _SHAPE.search(crash.message)
    pairs = [given.query.shape[1 - given.batch if batched else 0], keys]
    return _explain_mask(crash, given.query, mask, pairs if found is None else [int(size) for size in found[1].split(", ")], _PAIRS)


def _explain_mask(crash: Crash, query: Value, mask: Value, wanted: list[int], rule: str, *if_turned: str) -> Failure:
    """`if_turned`: what else to do where the mask is turned over."""
    shape, held = format_shape(wanted), format_shape(mask.shape)
    title = f"{crash.label()} takes a mask of {shape}, but was given {held}."
    rows = [crash.gives(query), crash.gives(mask), crash.takes(wanted, f"{held} ≠ {shape}")]
    fixes = [f"Make the mask {shape}."]
    if list(reversed(mask.shape)) == wanted and len(set(wanted)) > 1:
        fixes = [*if_turned, "It is turned over: mask.T has that shape.", *fixes]
    return crash.explain(title, rows, rule, fixes, mask)


def _diagnose_sources(crash: Crash, given: _Given) -> Failure | None:
    """Keys and values that differ from one another, or from what the layer and the queries want."""
    query, key, value, batch = given.query, given.key, given.value, given.batch
    if len(query.shape) not in (2, 3):
        title = f"{crash.label()} takes (length, batch, features), but {crash.source_label(query)} gives {format_shape(query.shape)}."
        fixes = ["Make it a sequence of vectors: x.flatten(2) keeps the first two dimensions and joins the rest."]
        return crash.explain(title, [crash.gives(query)], _ORDER, fixes, query)
    for what, thing in (("key", key), ("value", value)):
        weight = crash.operand(f"{what[0]}_proj_weight", "in_proj_weight")
        if weight is not None and thing.shape[-1] != weight.shape[1]:
            return _explain_width(crash, thing, weight.shape[1], thing.shape[-1], what)
    if key.shape[:-1] != value.shape[:-1]:
        title = f"{crash.label()} has keys of {format_shape(key.shape)}, but values of {format_shape(value.shape)}."
        rows = [crash.gives(key), crash.gives(value), crash.takes(key.shape, f"{format_shape(value.shape)} ≠ {format_shape(key.shape)}")]
        fixes = ["Make keys and values from the same tensor: attention(x, y, y)."]
        return crash.explain(title, rows, "Each key has one value.", fixes, value)
    if len(query.shape) == len(key.shape) == 3 and query.shape[batch] != key.shape[batch]:
        first, second = query.shape[batch], key.shape[batch]
        title = f"{crash.label()} has queries for a batch of {first}, but keys for a batch of {second}."
        wanted = ["*", "*", "*"]
        wanted[batch] = str(first)
        rows = [crash.gives(query, batch), crash.gives(key, batch), crash.takes(wanted, f"{second} ≠ {first}", batch)]
        fixes = ["Give both the same batch."]
        if batch == 1 and query.shape[0] == key.shape[0]:
            fixes.insert(0, "If the batch comes first here, say MultiheadAttention(…, batch_first=True).")
        return crash.explain(title, rows, _ORDER, fixes, key)
    return None


def diagnose_scaled_attention(crash: Crash) -> Failure | None:
    """`scaled_dot_product_attention`: widths, numbers or heads that differ, or a mask that does not fit."""
    query, key, value = (crash.operand(name) for name in ("query", "key", "value"))
    if crash.op != "scaled_dot_product_attention" or query is None or key is None or value is None:
        return None
    flat = next((operand for operand in (query, key, value) if len(operand.shape) < 2), None)
    if flat is not None:
        title = f"{crash.label()} takes (…, length, features), but {crash.source_label(flat)} gives {format_shape(flat.shape)}."
        fixes = ["One vector is a sequence of one: x.unsqueeze(0)."]
        return crash.explain(title, [crash.gives(flat)], "Attention is between the vectors of sequences.", fixes, flat)
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
    return _diagnose_heads(crash, query, key) or _diagnose_scores(crash, query, key)


def _diagnose_heads(crash: Crash, query: Value, key: Value) -> Failure | None:
    if len(query.shape) != 4 or len(key.shape) != 4:
        return None
    many, few = query.shape[1], key.shape[1]
    if many == few or 1 in (many, few):
        return None
    title = f"{crash.label()} has {many} heads of queries, but {few} of keys."
    rows = [crash.gives(query, 1), crash.gives(key, 1), crash.takes(["*", many, "*", "*"], f"{few} ≠ {many}", 1)]
    fixes = [f"Give queries and keys the same heads, {many} or {few}."]
    if many % few == 0:
        fixes.insert(0, f"Say enable_gqa=True, then {many // few} heads of queries share each head of keys.")
    return crash.explain(title, rows, "Heads are (batch, heads, length, features).", fixes, key)


def _diagnose_scores(crash: Crash, query: Value, key: Value) -> Failure | None:
    """A mask of another type or shape than the scores, (…, queries, keys)."""
    mask = crash.operand("attn_mask")
    if mask is None:
        return None
    if format_dtype(mask.dtype) != "bool" and mask.dtype != query.dtype:
        kinds = [format_dtype(value.dtype) for value in (query, mask)]
        title = f"{crash.label()} takes a mask of bool or {kinds[0]}, but {crash.name_of(mask)} is {kinds[1]}."
        rule = "A mask is True where a query may look, or a number that is added to the score: 0, or -inf."
        return crash.explain(title, [crash.has(mask)], rule, ["Convert it: mask.bool(), where 1 stands for looking."], mask)
    scores = (*query.shape[:-1], key.shape[-2])
    if all(size in (1, want) for size, want in zip(reversed(mask.shape), reversed(scores), strict=False)):
        return None
    rule = "A mask says for each query which keys it may look at: (…, queries, keys)."
    if len(scores) > 2 and tuple(mask.shape) == (scores[0], scores[-1]):
        return _explain_row_mask(crash, query, mask, scores, rule)
    return _explain_mask(crash, query, mask, list(scores[-2:]), rule)


def _explain_row_mask(crash: Crash, query: Value, mask: Value, scores: tuple[int, ...], rule: str) -> Failure:
    """The mask of a tokenizer: one row a sample."""
    held, places = format_shape(mask.shape), len(scores) - 2
    wanted = [scores[0], *[1] * places, scores[-1]]
    title = f"{crash.label()} takes a mask of {format_shape(wanted)} or {format_shape(scores[-2:])}, but was given {held}."
    rows = [crash.gives(query), crash.gives(mask), crash.takes(wanted, f"{held} ≠ {format_shape(wanted)}")]
    fixes = [f"One row a sample is mask[:, {'None, ' * places}:], which is repeated over {'heads and ' * (places > 1)}queries."]
    return crash.explain(title, rows, rule, fixes, mask)
