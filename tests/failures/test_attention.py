"""Attention whose queries, keys, values or masks do not meet."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from failing import Case, check_case, false, two, zeros
from torch import nn

CASES: dict[str, Case] = {
    "tf enc features": (
        lambda: (nn.TransformerEncoderLayer(8, 2, 16), zeros(5, 2, 6)),
        "self_attn MultiheadAttention takes embeddings of 8, but the model's input src gives 6.",
        "6 ≠ 8",
        "Either make it TransformerEncoderLayer(d_model=6, …), or give it embeddings of 8.",
    ),
    "mha embed": (
        lambda: (nn.MultiheadAttention(8, 2), zeros(3, 1, 6), zeros(3, 1, 6), zeros(3, 1, 6)),
        "MultiheadAttention takes embeddings of 8, but the model's input query gives 6.",
        "6 ≠ 8",
        "Either make it MultiheadAttention(6, …), or give it embeddings of 8.",
    ),
    "mha key embed": (
        lambda: (nn.MultiheadAttention(8, 2), zeros(3, 1, 8), zeros(3, 1, 6), zeros(3, 1, 6)),
        "MultiheadAttention takes embeddings of 8, but the model's input key gives 6 as key.",
        "6 ≠ 8",
        "Say MultiheadAttention(…, kdim=6, vdim=6), or give it a key of 8.",
    ),
    "mha kdim": (
        lambda: (nn.MultiheadAttention(8, 2, kdim=5, vdim=5), zeros(3, 1, 8), zeros(3, 1, 6), zeros(3, 1, 6)),
        "MultiheadAttention takes embeddings of 5, but the model's input key gives 6 as key.",
        "6 ≠ 5",
        "Say MultiheadAttention(…, kdim=6, vdim=6), or give it a key of 5.",
    ),
    "mha kv": (
        lambda: (nn.MultiheadAttention(8, 2), zeros(3, 1, 8), zeros(4, 1, 8), zeros(5, 1, 8)),
        "MultiheadAttention has keys of [4, 1, 8], but values of [5, 1, 8].",
        "[5, 1, 8] ≠ [4, 1, 8]",
        "Make keys and values from the same tensor: attention(x, y, y).",
    ),
    "mha batch": (
        lambda: (nn.MultiheadAttention(8, 2), zeros(3, 1, 8), zeros(4, 2, 8), zeros(4, 2, 8)),
        "MultiheadAttention has queries for a batch of 1, but keys for a batch of 2.",
        "2 ≠ 1",
        "Give both the same batch.",
    ),
    "mha batch first": (
        lambda: (nn.MultiheadAttention(8, 2, batch_first=True), zeros(1, 3, 8), zeros(2, 4, 8), zeros(2, 4, 8)),
        "MultiheadAttention has queries for a batch of 1, but keys for a batch of 2.",
        "2 ≠ 1",
        "Give both the same batch.",
    ),
    "mha 4d": (
        lambda: (nn.MultiheadAttention(8, 2), zeros(3, 1, 2, 8), zeros(3, 1, 2, 8), zeros(3, 1, 2, 8)),
        "MultiheadAttention takes (length, batch, features), but the model's input query gives [3, 1, 2, 8].",
        "",
        "Make it a sequence of vectors: x.flatten(2) keeps the first two dimensions and joins the rest.",
    ),
    "mha attn mask": (
        lambda: two(lambda x, y: nn.MultiheadAttention(8, 2)(x, x, x, attn_mask=y), zeros(3, 1, 8), false(4, 4)),
        "./multi_head_attention_forward takes a mask of [3, 3], but was given [4, 4].",
        "[4, 4] ≠ [3, 3]",
        "Make the mask [3, 3].",
    ),
    "mha attn mask T": (
        lambda: two(lambda x, y: nn.MultiheadAttention(8, 2)(x, zeros(5, 1, 8), zeros(5, 1, 8), attn_mask=y), zeros(3, 1, 8), false(5, 3)),
        "./multi_head_attention_forward takes a mask of [3, 5], but was given [5, 3].",
        "[5, 3] ≠ [3, 5]",
        "It is turned over: mask.T has that shape.",
    ),
    "mha attn mask3": (
        lambda: two(lambda x, y: nn.MultiheadAttention(8, 2)(x, x, x, attn_mask=y), zeros(3, 1, 8), false(1, 3, 3)),
        "./multi_head_attention_forward takes a mask of [2, 3, 3], but was given [1, 3, 3].",
        "[1, 3, 3] ≠ [2, 3, 3]",
        "Make the mask [2, 3, 3].",
    ),
    "mha pad mask": (
        lambda: two(lambda x, y: nn.MultiheadAttention(8, 2)(x, x, x, key_padding_mask=y), zeros(3, 2, 8), false(3, 2)),
        "./multi_head_attention_forward takes a mask of [2, 3], but was given [3, 2].",
        "[3, 2] ≠ [2, 3]",
        "If the batch comes first in x too, say batch_first=True where the layer is made.",
    ),
    "mha pad mask other": (
        lambda: two(lambda x, y: nn.MultiheadAttention(8, 2)(x, x, x, key_padding_mask=y), zeros(3, 2, 8), false(2, 4)),
        "./multi_head_attention_forward takes a mask of [2, 3], but was given [2, 4].",
        "[2, 4] ≠ [2, 3]",
        "Make the mask [2, 3].",
    ),
    "enc mask": (
        lambda: two(
            lambda x, y: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)(x, src_key_padding_mask=y), zeros(2, 3, 8), false(3, 2)
        ),
        "./multi_head_attention_forward takes a mask of [2, 3], but was given [3, 2].",
        "[3, 2] ≠ [2, 3]",
        "If the batch comes first in x too, say batch_first=True where the layer is made.",
    ),
    "enc mask2": (
        lambda: two(
            lambda x, y: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)(x, mask=y),
            zeros(2, 3, 8),
            false(2, 3),
        ),
        "./multi_head_attention_forward takes a mask of [3, 3], but was given [2, 3].",
        "[2, 3] ≠ [3, 3]",
        "Make the mask [3, 3].",
    ),
    "dec mem": (
        lambda: two(lambda x, y: nn.TransformerDecoderLayer(8, 2, 16, batch_first=True)(x, y), zeros(2, 3, 8), zeros(3, 3, 8)),
        "./multi_head_attention_forward#2 has queries for a batch of 2, but keys for a batch of 3.",
        "3 ≠ 2",
        "If the batch comes first here, say MultiheadAttention(…, batch_first=True).",
    ),
    "sdpa width": (
        lambda: two(lambda x, y: F.scaled_dot_product_attention(x, y, y), zeros(2, 4, 8), zeros(2, 4, 6)),
        "./scaled_dot_product_attention multiplies queries of 8 features by keys of 6.",
        "6 ≠ 8",
        "Project both to 8 features, or both to 6.",
    ),
    "sdpa kv": (
        lambda: two(lambda x, y: F.scaled_dot_product_attention(x, x, y), zeros(2, 4, 8), zeros(2, 5, 8)),
        "./scaled_dot_product_attention has 4 keys, but 5 values.",
        "5 ≠ 4",
        "Make keys and values from the same tensor.",
    ),
    "sdpa heads": (
        lambda: two(lambda x, y: F.scaled_dot_product_attention(x, y, y), zeros(1, 4, 5, 8), zeros(1, 2, 5, 8)),
        "./scaled_dot_product_attention has 4 heads of queries, but 2 of keys.",
        "2 ≠ 4",
        "Say enable_gqa=True, then 2 heads of queries share each head of keys.",
    ),
    "sdpa batch": (
        lambda: two(lambda x, y: F.scaled_dot_product_attention(x, y, y), zeros(3, 4, 5, 8), zeros(2, 4, 5, 8)),
        "./scaled_dot_product_attention meets [3, 4, 5, 8] and [2, 4, 5, 8]: 3 and 2 do not broadcast.",
        "2 ≠ 3",
        "Make both 3 or both 2 there; whoever made them is named above.",
    ),
    "sdpa 3d batch": (
        lambda: two(lambda x, y: F.scaled_dot_product_attention(x, y, y), zeros(3, 5, 8), zeros(2, 5, 8)),
        "./scaled_dot_product_attention meets [3, 5, 8] and [2, 5, 8]: 3 and 2 do not broadcast.",
        "2 ≠ 3",
        "Make both 3 or both 2 there; whoever made them is named above.",
    ),
    "sdpa mask dtype": (
        lambda: two(
            lambda x, y: F.scaled_dot_product_attention(x, x, x, attn_mask=y), zeros(1, 2, 5, 8), torch.ones(5, 5, dtype=torch.long)
        ),
        "./scaled_dot_product_attention takes a mask of bool or float32, but y is int64.",
        "",
        "Convert it: mask.bool(), where 1 stands for looking.",
    ),
    "sdpa mask": (
        lambda: two(lambda x, y: F.scaled_dot_product_attention(x, x, x, attn_mask=y), zeros(2, 2, 5, 8), false(4, 4)),
        "./scaled_dot_product_attention takes a mask of [5, 5], but was given [4, 4].",
        "[4, 4] ≠ [5, 5]",
        "Make the mask [5, 5].",
    ),
    "sdpa pad mask": (
        lambda: two(lambda x, y: F.scaled_dot_product_attention(x, x, x, attn_mask=y), zeros(3, 2, 5, 8), false(3, 5)),
        "./scaled_dot_product_attention takes a mask of [3, 1, 1, 5] or [5, 5], but was given [3, 5].",
        "[3, 5] ≠ [3, 1, 1, 5]",
        "One row a sample is mask[:, None, None, :], which is repeated over heads and queries.",
    ),
    "sdpa 1d": (
        lambda: two(lambda x, y: F.scaled_dot_product_attention(x, x, x), zeros(8)),
        "./scaled_dot_product_attention takes (…, length, features), but the model's input x gives [8].",
        "",
        "One vector is a sequence of one: x.unsqueeze(0).",
    ),
    "mha kdim registered": (
        lambda: (nn.MultiheadAttention(8, 2, kdim=5, vdim=5), zeros(3, 1, 8), zeros(3, 1, 6), zeros(3, 1, 6)),
        "MultiheadAttention takes embeddings of 5, but the model's input key gives 6 as key.",
        "6 ≠ 5",
        "Say MultiheadAttention(…, kdim=6, vdim=6), or give it a key of 5.",
    ),
    "mha padding turned over": (
        lambda: (nn.MultiheadAttention(8, 2), zeros(3, 2, 8), zeros(3, 2, 8), zeros(3, 2, 8), false(3, 2)),
        "MultiheadAttention takes a mask of [2, 3], but was given [3, 2].",
        "[3, 2] ≠ [2, 3]",
        "If the batch comes first in x too, say batch_first=True where the layer is made.",
    ),
    "mha padding of another rank": (
        lambda: (nn.MultiheadAttention(8, 2), zeros(3, 2, 8), zeros(3, 2, 8), zeros(3, 2, 8), false(3)),
        "MultiheadAttention takes a mask of [2, 3], but was given [3].",
        "[3] ≠ [2, 3]",
        "Make the mask [2, 3].",
    ),
    "transformer width": (
        lambda: (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), zeros(2, 3, 6)),
        "self_attn MultiheadAttention takes embeddings of 8, but the model's input src gives 6.",
        "6 ≠ 8",
        "Either make it TransformerEncoderLayer(d_model=6, …), or give it embeddings of 8.",
    ),
    "decoder memory missing": (
        lambda: (nn.TransformerDecoderLayer(8, 2, 16), zeros(2, 3, 8)),
        "TransformerDecoderLayer was called without memory.",
        "without memory",
        "Give memory in the call, or on the command line: --input memory=….",
    ),
    "sdpa unequal batches": (
        lambda: two(lambda x, y: F.scaled_dot_product_attention(x, y, y), zeros(3, 5, 8), zeros(2, 5, 8)),
        "./scaled_dot_product_attention meets [3, 5, 8] and [2, 5, 8]: 3 and 2 do not broadcast.",
        "2 ≠ 3",
        "Make both 3 or both 2 there; whoever made them is named above.",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", CASES)
def test_the_sentence(what: str, tmp_path: Path) -> None:
    check_case(CASES[what], tmp_path)
