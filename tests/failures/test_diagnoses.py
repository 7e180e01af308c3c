"""How a crash is traced back: who decided the shape, whose lines they are, what is said where nothing is known."""

from __future__ import annotations

import inspect
import linecache
import textwrap
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import torch
from failing import Gives, fail, zeros
from torch import Tensor, nn

import neurontui
from neurontui.explainers.failures import Failure, diagnose
from neurontui.explainers.failures.words import TABLE


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
    assert "the error said: x must be" in str(failure), "torch knows nothing of it"
    assert failure.user_lines[-1].text == 'raise ValueError("x must be\\nsorted")'


def test_an_argument_missing_inside_is_not_put_on_the_layer_around_it() -> None:
    class Makes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return nn.Linear(2, 2).forward()  # type: ignore[call-arg]

    assert fail(Makes(), zeros(2)).title == "Makes calls Linear.forward() without 'input'."


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
    assert failure.title == "Takes takes a tensor, but lstm gives a tuple: [5, 4], ([1, 4], [1, 4])."
    assert failure.fixes[0].startswith("Take the part that you want: output, (h, c) = layer(x).")


def say(lines: str, x: Tensor, **layers: nn.Module) -> Failure:
    """The failure of a forward of these lines, which stand in a file that a traceback can show."""
    body = textwrap.indent(textwrap.dedent(lines), " " * 8)
    code = f"class Net(nn.Module):\n    def forward(self, x, mask=None):\n{body}"
    file = f"<net {hash(code)}.py>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    names: dict[str, Any] = {"nn": nn, "torch": torch}
    exec(compile(code, file, "exec"), names)
    net = names["Net"]()
    for name, layer in layers.items():
        setattr(net, name, layer)
    return fail(net, x)


@pytest.mark.parametrize(
    ("lines", "title", "fix"),
    [
        ("return x * mask", "Net uses None as a tensor: mask is None.", "Give mask in the call, or ask first: if mask is not None."),
        ("x += mask\nreturn x", "Net uses None as a tensor: mask is None.", "Give mask in the call"),
        ("return self.fc.bias.abs()", "Net uses None as a tensor: self.fc.bias is None.", "Set self.fc.bias in __init__"),
        ("return print(x.shape)[0]", "Net uses None as a tensor: print(x.shape) is None.", "End print with: return x"),
        ("norm = None\nreturn norm(x)", "Net calls None as a function: norm is None.", "ask first: if norm is not None."),
        ("return None @ x", "Net uses None as a tensor: None is None.", "Look where the name"),
    ],
)
def test_what_was_none_is_named(lines: str, title: str, fix: str) -> None:
    failure = say(lines, zeros(2, 3), fc=nn.Linear(3, 3, bias=False))
    assert failure.title == title
    assert fix in failure.fixes[0]


@pytest.mark.parametrize(
    ("lines", "title", "fix"),
    [
        (
            "b, c, h, w = x.shape",
            "Net takes 4 sizes from x.shape, but x has 3 dimensions: [2, 5, 3].",
            "Write b, c, h = x.shape, or give it 4 dimensions.",
        ),
        (
            "h = self.fc(x)\nbatch, features = h.size()",
            "Net takes 2 sizes from h.shape, but h has 3 dimensions: [2, 5, 4].",
            "Write batch, features, *rest = h.shape",
        ),
        ("q, k, v = x[..., :2].chunk(3, -1)", "Net takes 3 parts, but ./chunk gives 2.", "Write 2 names for its 2 parts."),
        ("q, k, v = x.split(2, -1)", "Net takes 3 parts, but ./split gives 2.", "chunk takes their number: x.chunk(3, dim=-1)."),
        ("out, h, c = self.rnn(x)", "Net takes 3 parts, but rnn gives 2.", "Write output, (h, c) = layer(x)."),
        (
            "mu, sigma, more = self.fc(x)",
            "Net takes 3 parts of fc Linear(3 → 4), one tensor of [2, 5, 4], which has 2 rows.",
            "For 3 parts of its last dimension: x.chunk(3, dim=-1).",
        ),
    ],
)
def test_unpacking(lines: str, title: str, fix: str) -> None:
    failure = say(lines, zeros(2, 5, 3), fc=nn.Linear(3, 4), rnn=nn.LSTM(3, 4))
    assert failure.title == title
    assert fix in " ".join(failure.fixes)
    assert failure.rule


def test_a_weight_of_another_rank_has_no_channels_to_compare() -> None:
    failure = say("return torch.nn.functional.conv1d(x, x[0])", zeros(2, 3))
    assert failure.title.startswith("./conv1d ")
    assert failure.torch_said or "raised" in failure.title


@pytest.mark.parametrize("index", [torch.zeros(2, dtype=torch.complex64), torch.zeros(2, dtype=torch.long, device="meta")])
def test_an_index_without_whole_numbers_is_not_searched(index: Tensor) -> None:
    class Picks(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[index, index, index]

    failure = fail(Picks(), zeros(2, 3))
    assert failure.title == "./getitem gives 3 indices to [2, 3], which has only 2 to index."
    assert fail(Gives(lambda x: x.gather(1, index)), zeros(2, 3)).torch_said


def test_a_bare_assert_is_shown() -> None:
    assert say("assert x.dim() == 3", zeros(2, 3)).title == "Net raised AssertionError: assert x.dim() == 3"


def test_a_hook_is_no_part_of_its_layer() -> None:
    fc = nn.Linear(3, 4)
    fc.register_forward_hook(lambda module, inputs, output: output.view(7))
    failure = say("return self.fc(x)", zeros(2, 3), fc=fc)
    assert failure.title == "fc/view makes [7] of [2, 4]: 7 numbers, but there are 8."


def test_no_crash_no_diagnosis() -> None:
    assert diagnose(neurontui.trace(nn.Linear(2, 2), zeros(2))) is None


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


def test_words_that_the_title_has_in_full_are_not_said_again_as_torchs() -> None:
    class Strict(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise ValueError("x must be sorted")

    failure = fail(nn.Sequential(Strict()), zeros(2, 3))
    assert failure.title == "layer 0 Strict raised ValueError: x must be sorted"
    assert failure.torch_said == ""
    assert "torch said" not in str(failure)


def test_what_a_wording_reads_from_torch_it_says() -> None:
    for row in TABLE:
        texts = (row.title, row.rule, row.wrong, row.takes, row.clash, *row.fixes)
        said = {name for text in texts for _, name, *_ in Formatter().parse(text) if name}
        assert set(row.words.groupindex) <= said, row.words.pattern


def test_calls_without_end_are_those_of_the_users_own_module() -> None:
    class Endless(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(2, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.forward(self.fc(x).relu())

    trace = neurontui.trace(nn.Sequential(Endless()), zeros(2))
    failure = diagnose(trace)
    assert failure is not None
    assert failure.title == "layer 0 Endless calls itself without end."
    assert trace.steps[failure.step].name == "0"
    assert failure.said_by == "the error"
    assert not trace.notes, "calls of ours that went too deep as well are no news"
