"""Each common failure of a forward, and the sentence that explains it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import neurontui
from neurontui.explainers.failures import Failure, diagnose


class Does(nn.Module):
    """A forward that does one thing."""

    def __init__(self, act: Callable[..., Any]) -> None:
        super().__init__()
        self.act = act

    def forward(self, x: Tensor, y: Tensor) -> Any:
        return self.act(x, y)


def zeros(*shape: int) -> Tensor:
    return torch.zeros(shape)


def whole(*numbers: int) -> Tensor:
    return torch.tensor(numbers)


def fail(model: nn.Module, *args: Any) -> Failure:
    failure = diagnose(neurontui.trace(model, *args))
    assert failure is not None
    return failure


def two(act: Callable[[Tensor, Tensor], Any], x: Tensor, y: Tensor) -> tuple[Any, ...]:
    return Does(act), x, y


# what: (model and inputs, the sentence, the clash, a part of a fix)
CASES: dict[str, tuple[Callable[[], tuple[Any, ...]], str, str, str]] = {
    "linear": (
        lambda: (nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(5, 5)), zeros(1, 10)),
        "layer 2 Linear(5 → 5) takes 5 features, but layer 0 Linear(10 → 20) gives 20.",
        "20 ≠ 5",
        "Either make layer 2 Linear(20, 5), or layer 0 Linear(…, 5).",
    ),
    "linear on an input": (
        lambda: (nn.Linear(3, 2), zeros(4)),
        "Linear(3 → 2) takes 3 features, but the model's input gives 4.",
        "4 ≠ 3",
        "Either make it Linear(4, 2), or give it an input whose last dimension is 3.",
    ),
    "linear on a number": (
        lambda: (nn.Linear(3, 2), torch.tensor(5.0)),
        "Linear(3 → 2) takes at least one dimension, but the model's input is a single number without any.",
        "0 dimensions ≠ at least 1",
        "as torch.tensor([1., 2., 3.]).",
    ),
    "linear on channels": (
        lambda: (nn.Linear(10, 20), zeros(4, 10, 8)),
        "Linear(10 → 20) takes 10 features, but the model's input gives 8.",
        "8 ≠ 10",
        "Dimension 1 has the 10 features: bring it to the end first, x.transpose(1, -1).",
    ),
    "linear without flatten": (
        lambda: (nn.Sequential(nn.Conv2d(1, 2, 3), nn.Linear(72, 5)), zeros(1, 1, 8, 8)),
        "layer 1 Linear(72 → 5) takes 72 features, but layer 0 Conv2d(1 → 2, kernel 3×3) gives 6.",
        "6 ≠ 72",
        "2 × 6 × 6 = 72 numbers: one sample",
    ),
    "matmul": (
        lambda: two(lambda x, y: x @ y, zeros(2, 3), zeros(4, 5)),
        "./matmul multiplies [2, 3] by [4, 5]: 3 columns meet 4 rows.",
        "3 ≠ 4",
        "Make the left operand (…, 4), or the right one (3, …).",
    ),
    "matmul transposed": (
        lambda: two(torch.matmul, zeros(2, 3), zeros(4, 3)),
        "./matmul multiplies [2, 3] by [4, 3]: 3 columns meet 4 rows.",
        "3 ≠ 4",
        "The right operand fits when it is transposed",
    ),
    "bmm of two batches": (
        lambda: two(torch.bmm, zeros(2, 3, 4), zeros(5, 4, 6)),
        "./bmm multiplies batches of 2 and of 5 matrices.",
        "",
        "2 or 5",
    ),
    "matrix by vector": (
        lambda: two(lambda x, y: x @ y, zeros(2, 3), zeros(4)),
        "./matmul multiplies [2, 3] by [4]: 3 columns meet 4 rows.",
        "3 ≠ 4",
        "",
    ),
    "convolution channels": (
        lambda: (nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(4, 8, 3)), zeros(1, 3, 9, 9)),
        "layer 2 Conv2d(4 → 8, kernel 3×3) takes 4 channels, but layer 0 Conv2d(3 → 8, kernel 3×3) gives 8.",
        "8 ≠ 4",
        "Either make layer 2 take in_channels=8, or layer 0 give out_channels=4.",
    ),
    "convolution with channels last": (
        lambda: (nn.Conv2d(3, 8, 3), zeros(1, 28, 28, 3)),
        "Conv2d(3 → 8, kernel 3×3) takes 3 channels, but the model's input gives 28.",
        "28 ≠ 3",
        "x.permute(0, 3, 1, 2).",
    ),
    "convolution dimensions": (
        lambda: (nn.Conv2d(1, 8, 3), zeros(28, 28)),
        "Conv2d(1 → 8, kernel 3×3) takes 4 dimensions, or 3 for one sample, but the model's input gives 2.",
        "2 dimensions ≠ 4",
        "x.unsqueeze(0)",
    ),
    "convolution over a small image": (
        lambda: (nn.Conv2d(1, 8, 5), zeros(1, 1, 3, 3)),
        "Conv2d(1 → 8, kernel 5×5) slides a kernel of 5×5 over an image of 3×3, which is smaller.",
        "too small",
        "padding",
    ),
    "grouped convolution": (
        lambda: (nn.Conv2d(4, 8, 3, groups=2), zeros(1, 6, 8, 8)),
        "Conv2d(4 → 8, kernel 3×3) takes 4 channels, but the model's input gives 6.",
        "6 ≠ 4",
        "in_channels=6",
    ),
    "pooling": (
        lambda: (nn.MaxPool2d(5), zeros(1, 3, 3, 3)),
        "MaxPool2d has nothing left to pool: the model's input gives [1, 3, 3, 3].",
        "too small",
        "larger image",
    ),
    "batch norm of one sample": (
        lambda: (nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)), zeros(1, 2)),
        "layer 1 BatchNorm1d(3) in train mode has one value per feature to average, from one sample: [1, 3].",
        "1 < 2",
        "model.eval()",
    ),
    "batch norm features": (
        lambda: (nn.Sequential(nn.Linear(2, 5), nn.BatchNorm1d(3)), zeros(4, 2)),
        "layer 1 BatchNorm1d(3) normalises 3 features, but layer 0 Linear(2 → 5) gives 5.",
        "5 ≠ 3",
        "Either make layer 1 BatchNorm1d(5), or give it 3 features.",
    ),
    "batch norm dimensions": (
        lambda: (nn.BatchNorm1d(3), zeros(3)),
        "BatchNorm1d(3) takes [batch, features] or [batch, features, length], but the model's input gives 1 dimension: [3].",
        "1 dimension",
        "x.unsqueeze(0)",
    ),
    "batch norm of images on rows": (
        lambda: (nn.BatchNorm2d(3), zeros(4, 3)),
        "BatchNorm2d(3) takes [batch, channels, height, width], but the model's input gives 2 dimensions: [4, 3].",
        "2 dimensions",
        "nn.BatchNorm1d",
    ),
    "layer norm": (
        lambda: (nn.LayerNorm(8), zeros(2, 7)),
        "LayerNorm(8) normalises [*, 8], but the model's input gives [2, 7].",
        "[7] ≠ [8]",
        "LayerNorm(7)",
    ),
    "group norm": (
        lambda: (nn.GroupNorm(2, 4), zeros(2, 6, 3)),
        "GroupNorm(4) takes 4 channels, but the model's input gives 6.",
        "6 ≠ 4",
        "GroupNorm(…, 6)",
    ),
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
        "unsqueeze(-1) makes them [2, 1].",
    ),
    "writing in place": (
        lambda: two(lambda x, y: (x * 1).add_(y), zeros(3), zeros(2, 3)),
        "./add_ writes into [3], but with [2, 3] the result is larger.",
        "",
        "x = x + y",
    ),
    "view": (
        lambda: two(lambda x, y: x.view(4, 2), zeros(2, 3), zeros(1)),
        "./view makes [4, 2] of [2, 3]: that are 8 numbers, but there are 6.",
        "6 ≠ 8",
        "-1",
    ),
    "reshape to rows": (
        lambda: two(lambda x, y: x.reshape(2, 5), zeros(2, 3, 4), zeros(1)),
        "./reshape makes [2, 5] of [2, 3, 4]: that are 10 numbers, but there are 24.",
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
        "./unflatten splits dimension 1, of size 7, into [2, 3]: that are 6.",
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
    "whole numbers": (
        lambda: (nn.Linear(3, 2), whole(1, 2, 3)),
        "Linear(3 → 2) mixes int64 (the model's input) and float32 (weight).",
        "int64 ≠ float32",
        "write 1. instead of 1",
    ),
    "two precisions": (
        lambda: (nn.Linear(3, 2), zeros(3).double()),
        "Linear(3 → 2) mixes float64 (the model's input) and float32 (weight).",
        "float64 ≠ float32",
        "x.to(torch.float32)",
    ),
    "a mean of whole numbers": (
        lambda: two(lambda x, y: y.mean(), zeros(1), whole(1, 2)),
        "./mean takes floating point numbers, but the model's input y gives int64.",
        "",
        "x.float()",
    ),
    "two devices": (
        lambda: (nn.Linear(3, 2), torch.zeros(3, device="meta")),
        "Linear(3 → 2) mixes devices: the model's input is on meta, weight on cpu.",
        "meta ≠ cpu",
        "x.to('cpu')",
    ),
    "a missing argument": (
        lambda: (Does(torch.add), zeros(1)),
        "Does was called without y.",
        "without y",
        "--input y=…",
    ),
    "a missing argument in a Sequential": (
        lambda: (nn.Sequential(Does(torch.add)), zeros(1)),
        "layer 0 Does was called without y.",
        "without y",
        "A Sequential hands on one value only",
    ),
    "one argument too many": (
        lambda: (nn.Linear(2, 2), zeros(2), zeros(2)),
        "Linear(2 → 2) was called with 2 arguments, but its forward takes 1.",
        "2 ≠ 1",
        "Leave 1 out",
    ),
    "None": (
        lambda: (nn.Linear(2, 2), None),
        "Linear(2 → 2) uses None as a tensor.",
        "",
        "returned nothing",
    ),
    "a list": (
        lambda: (nn.Linear(2, 2), [1.0, 2.0]),
        "Linear(2 → 2) takes a tensor, but was given a list.",
        "",
        "torch.tensor([…])",
    ),
    "the tuple of an LSTM": (
        lambda: (nn.Sequential(nn.LSTM(3, 4), nn.Linear(4, 1)), zeros(5, 3)),
        "layer 1 Linear(4 → 1) takes a tensor, but layer 0 gives a tuple: [5, 4] and [1, 4] and [1, 4].",
        "a tuple",
        "output, _ = layer(x)",
    ),
    "a ModuleList that is called": (
        lambda: (nn.ModuleList([nn.ReLU()]), zeros(1)),
        "ModuleList has no forward, so it cannot be called.",
        "",
        "call each of them in a loop",
    ),
    "classes out of range": (
        lambda: (nn.CrossEntropyLoss(), zeros(2, 3), whole(0, 3)),
        "CrossEntropyLoss knows the classes 0 to 2, but target[1] is 3.",
        "3 is outside",
        "target - 1",
    ),
    "classes below zero": (
        lambda: two(F.nll_loss, zeros(2, 3), whole(0, -1)),
        "./nll_loss knows the classes 0 to 2, but y[1] is -1.",
        "-1 is outside",
        "counted from 0",
    ),
    "a target of another batch": (
        lambda: (nn.CrossEntropyLoss(), zeros(2, 3), whole(0, 1, 2)),
        "CrossEntropyLoss takes a target of [2] for scores of [2, 3], but it is [3].",
        "[3] ≠ [2]",
        "same batch",
    ),
    "a target in a column": (
        lambda: (nn.CrossEntropyLoss(), zeros(2, 3), torch.tensor([[0], [1]])),
        "CrossEntropyLoss takes a target of [2] for scores of [2, 3], but it is [2, 1].",
        "[2, 1] ≠ [2]",
        "target.squeeze(-1)",
    ),
    "a target of fractions": (
        lambda: (nn.CrossEntropyLoss(), zeros(2, 3), zeros(2)),
        "CrossEntropyLoss takes class numbers (int64) as its target, but the model's input target gives float32.",
        "float32 ≠ int64",
        "target.long()",
    ),
    "mse": (
        lambda: (nn.MSELoss(), zeros(2, 3), zeros(4)),
        "MSELoss compares [2, 3] with a target of [4].",
        "[4] ≠ [2, 3]",
        "Make both [2, 3], or both [4].",
    ),
    "bce": (
        lambda: (nn.BCELoss(), zeros(2, 1), zeros(2)),
        "BCELoss compares [2, 1] with a target of [2].",
        "[2] ≠ [2, 1]",
        "x.squeeze(-1)",
    ),
    "bce without a sigmoid": (
        lambda: (nn.BCELoss(), zeros(2) + 3, zeros(2)),
        "BCELoss takes probabilities, but some of the model's input are outside 0 to 1.",
        "",
        "BCEWithLogitsLoss",
    ),
    "pooling after flattening": (
        lambda: (nn.MaxPool2d(2), zeros(3, 3)),
        "MaxPool2d takes 4 dimensions, or 3 for one sample, but the model's input gives 2.",
        "2 dimensions ≠ 4",
        "Pool before flattening",
    ),
    "one_hot": (
        lambda: two(lambda x, y: F.one_hot(y, 3), zeros(1), whole(0, 5)),
        "./one_hot makes 3 columns, but y[1] is 5.",
        "5 is outside",
        "num_classes=6",
    ),
    "lstm": (
        lambda: (nn.LSTM(3, 4), zeros(5, 2, 7)),
        "LSTM takes 3 features a time step, but the model's input gives 7.",
        "7 ≠ 3",
        "input_size=7",
    ),
    "lstm cell": (
        lambda: (nn.LSTMCell(3, 4), zeros(2, 7)),
        "LSTMCell takes 3 features a time step, but the model's input gives 7.",
        "7 ≠ 3",
        "input_size=7",
    ),
    "attention": (
        lambda: (nn.MultiheadAttention(8, 2), zeros(3, 1, 6), zeros(3, 1, 6), zeros(3, 1, 6)),
        "MultiheadAttention takes embeddings of 8, but the model's input query gives 6.",
        "6 ≠ 8",
        "MultiheadAttention(6, …)",
    ),
}


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("what", CASES)
def test_the_sentence(what: str) -> None:
    make, title, clash, fix = CASES[what]
    failure = fail(*make())
    assert failure.title == title
    assert clash in [row.clash for row in failure.rows] or not clash
    assert fix in " ".join(failure.fixes)
    assert failure.rule
    assert failure.torch_said


def test_the_layer_that_decided_the_size_is_named_past_those_that_hand_it_on() -> None:
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Dropout(0.5), nn.LayerNorm(6), nn.Linear(5, 2))
    trace = neurontui.trace(model, zeros(2, 4))
    failure = diagnose(trace)
    assert failure is not None
    assert failure.producer is not None
    assert trace.steps[failure.producer].name == "0/linear"
    assert trace.steps[failure.step].name == "4/linear"
    gives, takes = failure.rows
    assert (gives.label, gives.verb, gives.shape, gives.clashing) == ("layer 0  Linear(4 → 6)", "gives", "[2, 6]", (1,))
    assert (takes.label, takes.verb, takes.shape, takes.clash) == ("layer 4  Linear(5 → 2)", "takes", "[*, 5]", "6 ≠ 5")


def test_what_torch_counts_is_translated() -> None:
    failure = fail(nn.Linear(10, 20), zeros(4, 10, 8))
    assert "4 × 10 = 40 rows and says 40x8; its 10x20 is the weight [20, 10] turned over." in failure.rule
    assert failure.torch_said == "mat1 and mat2 shapes cannot be multiplied (40x8 and 10x20)"


def test_a_sample_without_its_batch_dimension() -> None:
    failure = fail(nn.Sequential(nn.Flatten(), nn.Linear(4, 3)), zeros(2, 2))
    assert failure.title == "layer 1 Linear(4 → 3) takes 4 features, but the model's input gives 2."
    assert "one sample without its batch dimension" in failure.fixes[0]
    assert "x.unsqueeze(0)" in failure.fixes[0]


def test_a_forward_without_a_return_is_named() -> None:
    class Silent(nn.Module):
        def forward(self, x: Tensor) -> None:
            x.relu()

    trace = neurontui.trace(nn.Sequential(nn.Linear(2, 2), Silent(), nn.Linear(2, 1)), zeros(2))
    failure = diagnose(trace)
    assert failure is not None
    assert failure.title == "layer 2 Linear(2 → 1) uses None as a tensor, and layer 1 returned None."
    assert failure.producer == trace.step("1").index
    assert failure.fixes == ("End the forward of layer 1 with: return x",)


def test_the_traceback_is_cut_to_the_users_lines() -> None:
    def helper(x: Tensor) -> Tensor:
        return x.view(7)

    class Calls(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return helper(x + 1)

    failure = fail(Calls(), zeros(2))
    assert [line.text for line in failure.user_lines][-2:] == ["helper(x + 1)", "x.view(7)"]
    assert {Path(line.file) for line in failure.user_lines} == {Path(__file__)}
    assert failure.user_lines[-1].line == inspect.getsourcelines(helper)[1] + 1


def test_an_error_that_nobody_knows_keeps_its_words_inputs_and_line() -> None:
    class Strict(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise ValueError("x must be\nsorted")

    failure = fail(nn.Sequential(Strict()), zeros(2, 3))
    assert failure.title == "layer 0 Strict raised ValueError: x must be"
    assert [(row.label, row.verb, row.shape) for row in failure.rows] == [("x", "has", "[2, 3]")]
    assert (failure.rule, failure.fixes, failure.producer) == ("", (), None)
    assert failure.torch_said == "x must be\nsorted"
    assert failure.user_lines[-1].text == 'raise ValueError("x must be\\nsorted")'


def test_an_argument_missing_inside_is_not_put_on_the_layer_around_it() -> None:
    class Makes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return nn.Linear(2, 2).forward()  # type: ignore[call-arg]

    assert fail(Makes(), zeros(2)).title == "Makes raised TypeError: Linear.forward() missing 1 required positional argument: 'input'"


def test_a_layer_of_another_name() -> None:
    class Slip(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 2)

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.fcl(x)
            return out

    failure = fail(Slip(), zeros(2))
    assert failure.title == "Slip has no fcl; did you mean 'fc1'?"
    assert failure.fixes[0] == "Its layers are fc1."


def test_the_tuple_of_an_lstm_used_as_a_tensor() -> None:
    class Takes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(3, 4)

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.lstm(x).relu()
            return out

    failure = fail(Takes(), zeros(5, 3))
    assert failure.title == "Takes takes a tensor, but lstm gives a tuple: [5, 4] and [1, 4] and [1, 4]."
    assert failure.fixes[0].startswith("Take the part that you want: output, _ = layer(x).")


def test_no_crash_no_diagnosis() -> None:
    assert diagnose(neurontui.trace(nn.Linear(2, 2), zeros(2))) is None


@pytest.mark.parametrize("what", ["linear", "embedding", "batch norm of one sample", "a missing argument", "classes out of range"])
def test_a_saved_crash_is_explained_alike(what: str, tmp_path: Path) -> None:
    trace = neurontui.trace(*CASES[what][0](), copy_parameters=True)
    neurontui.save(trace, tmp_path / "run.safetensors")
    live, loaded = diagnose(trace), diagnose(neurontui.load(tmp_path / "run.safetensors"))
    assert live is not None
    assert loaded is not None
    assert (loaded.title, loaded.rule, loaded.fixes, loaded.producer) == (live.title, live.rule, live.fixes, live.producer)
    assert [line.text for line in loaded.user_lines] == [line.text for line in live.user_lines]


@pytest.mark.parametrize(
    ("demo", "title"),
    [
        ("dimension_rule", "layer 1 Linear(5 → 5) takes 5 features, but layer 0 Linear(10 → 20) gives 20."),
        (
            "batchnorm_one",
            "BatchNorm1d(3) takes [batch, features] or [batch, features, length], but the model's input gives 1 dimension: [3].",
        ),
        ("batchnorm_one:row", "BatchNorm1d(3) in train mode has one value per feature to average, from one sample: [1, 3]."),
        ("full_model", "layer 1 Linear(4 → 3) takes 4 features, but the model's input gives 2."),
        ("full_model:one", "layer 2 BatchNorm1d(3) in train mode has one value per feature to average, from one sample: [1, 3]."),
        ("last_dimension:scalar", "Linear(3 → 2) takes at least one dimension, but the model's input is a single number without any."),
        ("last_dimension:whole", "Linear(3 → 2) mixes int64 (the model's input) and float32 (weight)."),
        ("last_dimension:mismatch", "Linear(10 → 20) takes 10 features, but the model's input gives 8."),
    ],
)
def test_the_course(demo: str, title: str) -> None:
    from neurontui.capture import record_run
    from neurontui.loading import Request, load_run

    failure = diagnose(record_run(load_run(Request(demo, demo=True))))
    assert failure is not None
    assert failure.title == title


MORE: list[tuple[Callable[..., Any], Tensor, Tensor, str, str]] = [
    (torch.bmm, zeros(5, 4), zeros(4, 3), "./bmm takes operands of 3 and 3 dimensions, but they have 2 and 2.", "torch.matmul"),
    (torch.mm, zeros(2, 4, 4), zeros(4, 3), "./mm takes operands of 2 and 2 dimensions, but they have 3 and 2.", "torch.matmul"),
    (
        lambda x, y: torch.einsum("bi,io->bo", x, y), zeros(2, 4), zeros(3, 2),
        "./einsum gives the letter 'i' of 'bi,io->bo' two sizes: 4 and 3.", "Make both 4, or both 3",
    ),
    (
        lambda x, y: torch.einsum("bij,io->bo", x, y), zeros(2, 4), zeros(3, 2),
        "./einsum names 3 dimensions, 'bij', of the model's input x, which has 2: [2, 4].", "one letter for each",
    ),
    (
        lambda x, y: F.scaled_dot_product_attention(x, y, y), zeros(2, 4, 8), zeros(2, 4, 6),
        "./scaled_dot_product_attention multiplies queries of 8 features by keys of 6.", "Project both to 8",
    ),
    (
        lambda x, y: F.scaled_dot_product_attention(x, x, y), zeros(2, 4, 8), zeros(2, 5, 8),
        "./scaled_dot_product_attention has 4 keys, but 5 values.", "same tensor",
    ),
    (
        lambda x, y: torch.relu(x).__setitem__(0, y), zeros(2, 3), zeros(4),
        "./setitem writes [4] into a part of [3].", "Make the value [3]",
    ),
    (
        lambda x, y: x.gather(1, y.long() + 3), zeros(2, 3), zeros(1, 1),
        "./gather asks for index 3 (the output of ./add[0, 0]) of dimension 1, which has 3 (0 to 2).", "The last one is 2.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("act", "x", "y", "title", "fix"), MORE, ids=lambda part: part[:30] if isinstance(part, str) else "")
def test_more_sentences(act, x, y, title, fix):
    failure = fail(Does(act), x, y)
    assert failure.title == title
    assert any(fix in sentence for sentence in failure.fixes)
    assert failure.rule


def test_words_that_the_title_has_in_full_are_not_said_again_as_torchs() -> None:
    class Strict(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise ValueError("x must be sorted")

    failure = fail(nn.Sequential(Strict()), zeros(2, 3))
    assert failure.title == "layer 0 Strict raised ValueError: x must be sorted"
    assert failure.torch_said == ""
    assert "torch said" not in str(failure)
