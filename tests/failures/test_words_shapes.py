"""Torch's words on shapes and places, in the model's terms."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from failing import Case, check_case, two, whole, wordings_without_case, zeros

from neurontui.explainers.failures.words.shapes import SHAPES

CASES: dict[str, Case] = {
    "permute dup": (
        lambda: two(lambda x, y: x.permute(0, 0)),
        "./permute names a dimension of [2, 3] twice.",
        "",
        "Name the dimensions 0 to 1, each once, in the new order.",
    ),
    "t": (
        lambda: two(lambda x, y: x.t(), zeros(2, 3, 4)),
        "./t turns [2, 3, 4] over, which is no matrix: it has 3 dimensions.",
        "",
        "For a batch of matrices use x.transpose(-2, -1), or x.mT.",
    ),
    "mT": (
        lambda: two(lambda x, y: x.mT, zeros(3)),
        "./mT turns [3] over, which is no matrix: it has 1 dimension.",
        "",
        "Make it one row, x.unsqueeze(0), or one column, x.unsqueeze(-1).",
    ),
    "cat none": (
        lambda: two(lambda x, y: torch.cat([])),
        "./cat joins no tensors: its list is empty.",
        "",
        "Look at the loop that fills the list: it ran 0 times.",
    ),
    "stack none": (
        lambda: two(lambda x, y: torch.stack([])),
        "./stack joins no tensors: its list is empty.",
        "",
        "Look at the loop that fills the list: it ran 0 times.",
    ),
    "cat scalars": (
        lambda: two(lambda x, y: torch.cat([x.sum(), y.sum()])),
        "./cat joins single numbers: part 0 has no dimension.",
        "",
        "Use torch.stack([x, y]), which makes a dimension.",
    ),
    "expand few": (
        lambda: two(lambda x, y: x.expand(3)),
        "./expand names 1 sizes for [2, 3], which has 2 dimensions.",
        "",
        "Put a -1 in front for each dimension that stays.",
    ),
    "expand -1": (
        lambda: two(lambda x, y: x.expand(-1, 2, 3)),
        "./expand keeps (-1) a dimension in front of [2, 3] that is not there yet.",
        "",
        "Give the new dimension a size, or move the -1 to the dimensions that [2, 3] has.",
    ),
    "repeat": (
        lambda: two(lambda x, y: x.repeat(2)),
        "./repeat says how often for fewer dimensions than [2, 3] has.",
        "",
        "Put a 1 in front for each dimension that stays as it is.",
    ),
    "einsum few ops": (
        lambda: two(lambda x, y: torch.einsum("ij,jk->ik", x)),
        "./einsum has another number of tensors than its equation has parts.",
        "",
        "Write one part for each tensor: 'ij,jk->ik' is for two.",
    ),
    "einsum many ops": (
        lambda: two(lambda x, y: torch.einsum("ij->ji", x, y)),
        "./einsum has another number of tensors than its equation has parts.",
        "",
        "Write one part for each tensor: 'ij,jk->ik' is for two.",
    ),
    "einsum out": (
        lambda: two(lambda x, y: torch.einsum("ij,ij->ik", x, y)),
        "./einsum gives out the letter 'k', which no tensor has.",
        "",
        "Take 'k' out of the right side, or name a dimension so on the left.",
    ),
    "einsum out twice": (
        lambda: two(lambda x, y: torch.einsum("ij->ii", x)),
        "./einsum gives out the letter 'i' twice.",
        "",
        "Name it once; torch.diag_embed makes a diagonal.",
    ),
    "einsum invalid": (
        lambda: two(lambda x, y: torch.einsum("i1->i", x)),
        "./einsum has something in its equation, at place 1, that is no letter.",
        "",
        "Write one letter for each dimension, as in 'bij,bjk->bik'.",
    ),
    "einsum size ...": (
        lambda: two(lambda x, y: torch.einsum("...i,...i->...", x, y), zeros(2, 3), zeros(2, 4)),
        "./einsum gives the letter 'i' two sizes: 3 and, in tensor 1, 4.",
        "4 ≠ 3",
        "Make both 4, or both 3; or give them two letters.",
    ),
    "index vector": (
        lambda: two(lambda x, y: x.index_select(0, y), None, torch.tensor([[0, 1]])),
        "./index_select takes a list of places, but its index has several dimensions.",
        "",
        "Flatten the index, index.flatten(), or use x[index], which takes any shape.",
    ),
    "index vector add": (
        lambda: two(lambda x, y: x.index_add(0, y, x), None, torch.tensor([[0, 1]])),
        "./index_add takes a list of places, but its index has several dimensions.",
        "",
        "Flatten the index, index.flatten(), or use x[index], which takes any shape.",
    ),
    "gather by fractions": (
        lambda: two(lambda x, y: x.gather(1, y)),
        "./gather takes whole numbers (places) as its index, but was given float32.",
        "",
        "Convert it: index.long().",
    ),
    "index float": (
        lambda: two(lambda x, y: x[y], None, zeros(2)),
        "./getitem picks with an index of float32, not of whole numbers or booleans.",
        "",
        "Convert it: index.long() for places, index.bool() for a mask.",
    ),
    "index float py": (
        lambda: two(lambda x, y: x[x.shape[0] / 2]),
        "./getitem picks from [2, 3] with a float.",
        "",
        "Use // where / made a float, or int(…) around it.",
    ),
    "index bcast": (
        lambda: two(lambda x, y: x[y, whole(0, 1, 2)], None, whole(0, 1)),
        "./getitem picks with index tensors of [2], [3].",
        "",
        "Give them one shape; for every row with every column use x[rows][:, columns].",
    ),
    "index_add count": (
        lambda: two(lambda x, y: x.index_add(0, y, zeros(3, 3)), None, whole(0, 1)),
        "./index_add has 2 indices for 3 rows of its source.",
        "2 ≠ 3",
        "Give 3 indices, or 2 rows.",
    ),
    "index_add shape": (
        lambda: two(lambda x, y: x.index_add(0, y, zeros(2, 4)), None, whole(0, 1)),
        "./index_add adds rows of [2, 4] to [2, 3]: they differ elsewhere than along dim.",
        "",
        "Make them equal, or give the dim along which they differ.",
    ),
    "narrow": (
        lambda: two(lambda x, y: x.narrow(1, 2, 5)),
        "./narrow takes 5 from place 2 on, but there are 3.",
        "",
        "All that is left is x.narrow(dim, 2, x.shape[dim] - 2); a slice, x[2:], ends at the end by itself.",
    ),
    "unfold": (
        lambda: two(lambda x, y: x.unfold(1, 5, 1)),
        "./unfold slides a window of 5 over dimension 1, which has 3.",
        "3 < 5",
        "Make the window 3 or smaller, or pad the input.",
    ),
    "as_strided": (
        lambda: two(lambda x, y: x.as_strided((5, 5), (5, 1))),
        "./as_strided looks at more memory than the model's input x has.",
        "",
        "Use view, unfold or expand, which work the strides out.",
    ),
    "inv": (
        lambda: two(lambda x, y: torch.linalg.inv(x)),
        "./inv takes square matrices, but [2, 3] is not.",
        "2 ≠ 3",
        "Use torch.linalg.pinv or torch.linalg.lstsq, which take any matrix, or x @ x.mT, which is square.",
    ),
    "det": (
        lambda: two(lambda x, y: x.det()),
        "./det takes square matrices, but [2, 3] is not.",
        "2 ≠ 3",
        "Use torch.linalg.pinv or torch.linalg.lstsq, which take any matrix, or x @ x.mT, which is square.",
    ),
    "inv1": (
        lambda: two(lambda x, y: torch.linalg.inv(x), zeros(3)),
        "./inv takes a matrix, but the model's input x gives [3].",
        "",
        "Make it one row: x.unsqueeze(0).",
    ),
    "qr1": (
        lambda: two(lambda x, y: torch.linalg.qr(x), zeros(3)),
        "./qr takes a matrix, but the model's input x gives [3].",
        "",
        "Make it one row: x.unsqueeze(0).",
    ),
    "diag": (
        lambda: two(lambda x, y: torch.diag(x), zeros(3, 3, 3)),
        "./diag takes a vector or a matrix, but the model's input x gives [3, 3, 3].",
        "",
        "For a batch use torch.diagonal(x, dim1=-2, dim2=-1), or torch.diag_embed(x).",
    ),
    "outer": (
        lambda: two(lambda x, y: torch.outer(x, y)),
        "./outer takes two vectors, but the model's input x gives [2, 3].",
        "",
        "Flatten it, x.flatten(), or write x.unsqueeze(-1) * y.unsqueeze(-2) for batches.",
    ),
    "roll": (
        lambda: two(lambda x, y: x.roll((1, 2), 0)),
        "./roll has another number of shifts than of dimensions.",
        "",
        "Give as many shifts as dimensions: x.roll((1, 2), (0, 1)).",
    ),
    "cdist": (
        lambda: two(lambda x, y: torch.cdist(x, y), zeros(2, 3), zeros(2, 4)),
        "./cdist measures distances between points of 3 and of 4 numbers.",
        "4 ≠ 3",
        "Make both 3, or both 4 wide.",
    ),
    "iter 0d": (
        lambda: two(lambda x, y: list(x.sum())),
        "Does goes through a tensor that is a single number.",
        "",
        "Leave out the sum or index that made it one number, or make it a list of one: x.reshape(1).",
    ),
    "len 0d": (
        lambda: two(lambda x, y: len(x.sum())),
        "./len goes through a tensor that is a single number.",
        "",
        "Leave out the sum or index that made it one number, or make it a list of one: x.reshape(1).",
    ),
    "slice float": (
        lambda: two(lambda x, y: x[:, : x.shape[1] / 2]),
        "./getitem cuts [2, 3] at a place that is no whole number.",
        "",
        "Use // where / made a float, or int(…) around it.",
    ),
    "two open sizes": (
        lambda: two(lambda x, y: x.reshape(-1, -1)),
        "./reshape leaves more than one size of [2, 3] open.",
        "",
        "Write out all sizes but one, as x.reshape(x.shape[0], -1).",
    ),
    "an index that is a word": (
        lambda: two(lambda x, y: x["a"]),
        "./getitem picks from [2, 3] with a str.",
        "",
        "Pick by place: x[0] is the first row, x[:, 0] the first column.",
    ),
    "an index of another rank": (
        lambda: two(lambda x, y: x.gather(1, y), None, whole(0, 1)),
        "./gather picks from [2, 3] by an index of another number of dimensions.",
        "",
        "Give the index the missing dimension, index.unsqueeze(1), and take it away from the result: .squeeze(1).",
    ),
    "take_along_dim of another rank": (
        lambda: two(lambda x, y: torch.take_along_dim(x, y, dim=1), None, whole(0, 1)),
        "./take_along_dim picks from [2, 3] by an index of another number of dimensions.",
        "",
        "Give the index the missing dimension, index.unsqueeze(1), and take it away from the result: .squeeze(1).",
    ),
    "an index that is larger": (
        lambda: two(lambda x, y: x.gather(1, y), None, torch.zeros(3, 1, dtype=torch.long)),
        "./gather goes by an index of [3, 1], which is larger than [2, 3].",
        "",
        "Cut the index to what is there, or expand the other: x.expand(…).",
    ),
    "scatter of too many": (
        lambda: two(lambda x, y: torch.zeros(2, 4).scatter(1, y, x), None, torch.zeros(1, 5, dtype=torch.long)),
        "./scatter goes by an index of [1, 5], which is larger than [2, 4].",
        "",
        "Cut the index to what is there, or expand the other: x.expand(…).",
    ),
    "a dimension of a number": (
        lambda: two(lambda x, y: x.sum().unbind(0)),
        "./unbind asks for dimension 0 of ./sum, which is a single number.",
        "",
        "make it a list of one: x.reshape(1).",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", CASES)
def test_the_sentence(what: str, tmp_path: Path) -> None:
    check_case(CASES[what], tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_torch_says_every_wording() -> None:
    assert wordings_without_case(SHAPES, CASES) == []
