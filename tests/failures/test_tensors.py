"""Tensors that are joined, reshaped and picked from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from failing import Case, check_case, two, whole, zeros
from torch import nn

CASES: dict[str, Case] = {
    "cat": (
        lambda: two(lambda x, y: torch.cat([x, y]), zeros(2, 3), zeros(2, 4)),
        "./cat joins [2, 3] and, as part 1, [2, 4]: dimension 1 has 3 and 4.",
        "4 ≠ 3",
        "Join along dimension 1: torch.cat(…, dim=1).",
    ),
    "cat of other ranks": (
        lambda: two(lambda x, y: torch.cat([x, y]), zeros(2, 3), zeros(2, 3, 1)),
        "./cat joins tensors of 2 and 3 dimensions.",
        "",
        "unsqueeze",
    ),
    "stack": (
        lambda: two(lambda x, y: torch.stack([x, y]), zeros(2, 3), zeros(2, 4)),
        "./stack joins [2, 3] and, as part 1, [2, 4]: dimension 1 has 3 and 4.",
        "4 ≠ 3",
        "torch.cat",
    ),
    "broadcasting": (
        lambda: two(lambda x, y: x + y, zeros(2, 3), zeros(2, 4)),
        "./add meets [2, 3] and [2, 4]: 3 and 4 do not broadcast.",
        "4 ≠ 3",
        "Make both 3 or both 4",
    ),
    "broadcasting a column": (
        lambda: two(lambda x, y: x * y, zeros(2, 3), zeros(2)),
        "./mul meets [2, 3] and [2]: 3 and 2 do not broadcast.",
        "2 ≠ 3",
        "If [2] belongs to dimension 0: y[..., None] makes it [2, 1].",
    ),
    "writing in place": (
        lambda: two(lambda x, y: (x * 1).add_(y), zeros(3), zeros(2, 3)),
        "./add_ writes into [3], but with [2, 3] the result is larger.",
        "",
        "x = x + y",
    ),
    "view": (
        lambda: two(lambda x, y: x.view(4, 2), zeros(2, 3), zeros(1)),
        "./view makes [4, 2] of [2, 3]: 8 numbers, but there are 6.",
        "6 ≠ 8",
        "-1",
    ),
    "reshape to rows": (
        lambda: two(lambda x, y: x.reshape(2, 5), zeros(2, 3, 4), zeros(1)),
        "./reshape makes [2, 5] of [2, 3, 4]: 10 numbers, but there are 24.",
        "24 ≠ 10",
        "torch.flatten(x, 1): 12 numbers each.",
    ),
    "view with -1": (
        lambda: two(lambda x, y: x.view(-1, 4), zeros(2, 3), zeros(1)),
        "./view makes [-1, 4] of [2, 3]: 6 numbers cannot be divided by 4.",
        "6 / 4 is no whole number",
        "3",
    ),
    "view of a transposed tensor": (
        lambda: two(lambda x, y: x.t().view(6), zeros(2, 3), zeros(1)),
        "./view cannot look at [3, 2] as [6]: its numbers lie in another order in memory.",
        "",
        ".reshape",
    ),
    "a dimension that is not there": (
        lambda: two(lambda x, y: x.softmax(2), zeros(2, 3), zeros(1)),
        "./softmax asks for dimension 2, but [2, 3] has 2, numbered -2 to 1.",
        "",
        "-1 is the last",
    ),
    "flatten without a batch": (
        lambda: two(lambda x, y: torch.flatten(x, 1), zeros(2), zeros(1)),
        "./flatten asks for dimension 1, but [2] has 1, numbered -1 to 0.",
        "",
        "x.unsqueeze(0)",
    ),
    "expand": (
        lambda: two(lambda x, y: x.expand(4, 3), zeros(2, 3), zeros(1)),
        "./expand repeats [2, 3] to [4, 3]: 2 cannot become 4.",
        "2 ≠ 4",
        ".repeat",
    ),
    "unflatten": (
        lambda: two(lambda x, y: x.unflatten(1, (2, 3)), zeros(2, 7), zeros(1)),
        "./unflatten splits dimension 1, of size 7, into [2, 3], which multiply to 6.",
        "7 ≠ 6",
        "7",
    ),
    "permute": (
        lambda: two(lambda x, y: x.permute(0, 1, 2), zeros(2, 3), zeros(1)),
        "./permute puts 3 dimensions in order, but [2, 3] has 2.",
        "",
        "x.permute(1, 0)",
    ),
    "embedding": (
        lambda: (nn.Embedding(10, 3), torch.tensor([[1, 2], [3, 10]])),
        "Embedding(10 rows of 3) has the rows 0 to 9, but input[1, 1] asks for row 10.",
        "10 ≥ 10",
        "Embedding(11, 3)",
    ),
    "embedding below zero": (
        lambda: (nn.Embedding(10, 3), whole(1, -2)),
        "Embedding(10 rows of 3) has the rows 0 to 9, but input[1] asks for row -2.",
        "-2 < 0",
        "0 or more",
    ),
    "embedding of fractions": (
        lambda: (nn.Embedding(10, 3), zeros(2)),
        "Embedding(10 rows of 3) takes whole numbers (the rows to pick), but the model's input gives float32.",
        "float32 ≠ int64",
        "x.long()",
    ),
    "an index": (
        lambda: two(lambda x, y: x[:, 5], zeros(2, 3), zeros(1)),
        "./getitem asks for index 5 of dimension 1, which has 3 (0 to 2).",
        "5 is outside",
        "0 to 2",
    ),
    "an index tensor": (
        lambda: two(lambda x, y: x[y], zeros(3, 4), whole(0, 3)),
        "./getitem asks for index 3 (y[1]) of dimension 0, which has 3 (0 to 2).",
        "3 is outside",
        "-1, or 2",
    ),
    "too many indices": (
        lambda: two(lambda x, y: x[0, 0, 0], zeros(3, 4), zeros(1)),
        "./getitem gives 3 indices to [3, 4], which has only 2 to index.",
        "",
        "Take 1 away.",
    ),
    "a mask": (
        lambda: two(lambda x, y: x[y > 0], zeros(3, 4), zeros(2)),
        "./getitem picks from [3, 4] with a mask of [2].",
        "",
        "Make the mask [3].",
    ),
    "gather": (
        lambda: two(lambda x, y: x.gather(1, y), zeros(3, 4), torch.tensor([[0, 4]])),
        "./gather asks for index 4 (y[0, 1]) of dimension 1, which has 4 (0 to 3).",
        "4 is outside",
        "3",
    ),
    "index_select": (
        lambda: two(lambda x, y: x.index_select(0, y), zeros(3, 4), whole(7)),
        "./index_select asks for index 7 (y[0]) of dimension 0, which has 3 (0 to 2).",
        "7 is outside",
        "0 to 2",
    ),
    "bmm of matrices": (
        lambda: two(torch.bmm, zeros(5, 4), zeros(4, 3)),
        "./bmm takes operands of 3 and 3 dimensions, but they have 2 and 2.",
        "2 and 2 dimensions",
        "torch.matmul",
    ),
    "mm of a batch": (
        lambda: two(torch.mm, zeros(2, 4, 4), zeros(4, 3)),
        "./mm takes operands of 2 and 2 dimensions, but they have 3 and 2.",
        "3 and 2 dimensions",
        "torch.matmul",
    ),
    "einsum of two sizes": (
        lambda: two(lambda x, y: torch.einsum("bi,io->bo", x, y), zeros(2, 4), zeros(3, 2)),
        "./einsum gives the letter 'i' of 'bi,io->bo' two sizes: 4 and 3.",
        "3 ≠ 4",
        "Make both 4, or both 3",
    ),
    "einsum of another rank": (
        lambda: two(lambda x, y: torch.einsum("bij,io->bo", x, y), zeros(2, 4), zeros(3, 2)),
        "./einsum names 3 dimensions, 'bij', of the model's input x, which has 2: [2, 4].",
        "2 ≠ 3 dimensions",
        "with one letter for each of its 2, or make it 3-dimensional first.",
    ),
    "a row that is written": (
        lambda: two(lambda x, y: torch.relu(x).__setitem__(0, y), zeros(2, 3), zeros(4)),
        "./setitem writes [4] into a part of [3].",
        "[4] ≠ [3]",
        "Make the value [3]",
    ),
    "gather by what a step made": (
        lambda: two(lambda x, y: x.gather(1, y.long() + 3), zeros(2, 3), zeros(1, 1)),
        "./gather asks for index 3 (the output of ./add[0, 0]) of dimension 1, which has 3 (0 to 2).",
        "3 is outside",
        "The last one is 2.",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", CASES)
def test_the_sentence(what: str, tmp_path: Path) -> None:
    check_case(CASES[what], tmp_path)
