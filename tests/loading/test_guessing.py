"""Inputs worked out from the layers: they run, and neither the model nor any random state knows of the trials."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable

import numpy
import pytest
import torch
from torch import nn

from neurontui.loading.guessing import Guess, work_out
from neurontui.loading.inputs import read_inputs


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(4, 3), nn.Linear(7, 3)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return self.a(y) + self.b(x)


class LeNet(nn.Module):
    def __init__(self, side: int = 5) -> None:
        super().__init__()
        self.c1, self.c2, self.fc = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Linear(16 * side * side, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.max_pool2d(torch.relu(self.c1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.c2(x)), 2)
        return self.fc(x.flatten(1))


class Language(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.places, self.head = nn.Embedding(100, 16), nn.Embedding(4, 16), nn.Linear(16, 100)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)

    def forward(self, idx: torch.Tensor, targets: torch.Tensor | None = None) -> torch.Tensor:
        _, length = idx.shape
        return self.head(self.block(self.tokens(idx) + self.places(torch.arange(length))))


class LooksAtNumbers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.fc(x)
        return hidden * 2 if hidden.sum() > 0 else hidden


class WithTarget(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(16, 5)

    def forward(self, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(self.fc(x), target)


class OwnParameter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(5, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.w


class Translator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.source, self.target = nn.Transformer(16, 2, 1, 1, 32, batch_first=True), nn.Embedding(50, 16), nn.Embedding(60, 16)

    def forward(self, src: torch.Tensor, tgt: torch.Tensor) -> torch.Tensor:
        return self.body(self.source(src), self.target(tgt))


class ByNameOnly(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(9, 3)

    def forward(self, *, input_ids: torch.Tensor | None = None, other: torch.Tensor | None = None) -> torch.Tensor:
        if input_ids is None:
            raise ValueError("give input_ids")
        return self.table(input_ids)


MODELS: dict[str, Callable[[], nn.Module]] = {
    "linear": lambda: nn.Linear(2, 2),
    "double": lambda: nn.Linear(2, 2).double(),
    "flatten": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
    "batch of two": lambda: nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)),
    "conv and norm": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)),
    "lenet": LeNet,
    "lenet of an odd size": lambda: LeNet(9),
    "conv1d": lambda: nn.Sequential(nn.Conv1d(4, 8, 3), nn.Flatten(), nn.Linear(8 * 37, 2)),
    "conv3d": lambda: nn.Conv3d(1, 2, 3),
    "transposed": lambda: nn.ConvTranspose2d(3, 2, 3),
    "language": Language,
    "two inputs": Two,
    "looks at numbers": LooksAtNumbers,
    "target": WithTarget,
    "own parameter": OwnParameter,
    "translator": Translator,
    "by name": ByNameOnly,
    "lstm": lambda: nn.LSTM(5, 6),
    "gru first": lambda: nn.GRU(5, 6, batch_first=True),
    "cell": lambda: nn.LSTMCell(3, 4),
    "attention": lambda: nn.MultiheadAttention(8, 2),
    "bilinear": lambda: nn.Bilinear(3, 4, 2),
    "lazy": lambda: nn.Sequential(nn.LazyLinear(3), nn.LazyBatchNorm1d()),
    "nothing to go by": nn.ReLU,
    "bag": lambda: nn.EmbeddingBag(10, 3),
    "norms": lambda: nn.Sequential(nn.LayerNorm(6), nn.Linear(6, 1)),
    "group norm": lambda: nn.GroupNorm(2, 4),
    "spectral": lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3)),
    "scripted": lambda: nn.Sequential(nn.Linear(4, 4), nn.Tanh()),
}


def call(model: nn.Module, guess: Guess) -> None:
    dtype = next((tensor.dtype for tensor in model.parameters()), torch.float32)
    values = [item.value.to(dtype) if item.value.is_floating_point() else item.value for item in read_inputs(tuple(guess.specs.values()))]
    if guess.positional:
        model(*values)
    else:
        model(**dict(zip(guess.specs, values, strict=True)))


@pytest.mark.parametrize("name", MODELS)
def test_the_guess_runs_and_leaves_everything_as_it_was(name: str) -> None:
    torch.manual_seed(1)
    model = MODELS[name]()
    before = None if name == "lazy" else {key: tensor.clone() for key, tensor in model.state_dict().items()}
    states = torch.get_rng_state(), random.getstate(), numpy.random.get_state()[1].tolist()
    guess = work_out(model, {}, None)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert numpy.random.get_state()[1].tolist() == states[2]
    if before is not None:
        assert all(torch.equal(before[key], tensor) for key, tensor in model.state_dict().items())
    assert guess is not None
    assert guess.runs
    call(model, guess)


def test_what_it_is_worked_out_from_is_said() -> None:
    guess = work_out(LeNet(), {}, None)
    assert guess == Guess({"x": "randn:1x1x32x32"}, True, "c1 (Conv2d)")


def test_positions_are_no_more_than_their_table_holds() -> None:
    guess = work_out(Language(), {}, None)
    assert guess is not None
    assert guess.specs == {"idx": "randint:0..100:1x4"}


def test_arguments_find_their_layers() -> None:
    guess = work_out(Two(), {}, None)
    assert guess is not None
    assert guess.specs == {"x": "randn:1x7", "y": "randn:1x4"}


def test_given_arguments_are_not_guessed() -> None:
    guess = work_out(Two(), {"y": torch.ones(1, 4)}, None)
    assert guess is not None
    assert guess.specs == {"x": "randn:1x7"}


def test_the_mode_of_the_run_decides() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    guesses = [work_out(model, {}, training) for training in (True, False)]
    assert [guess and guess.specs["input"] for guess in guesses] == ["randn:2x4", "randn:1x4"]
    assert model.training


def test_a_model_that_cannot_run_gets_what_comes_furthest() -> None:
    guess = work_out(nn.Sequential(nn.Linear(10, 20), nn.Linear(5, 5)), {}, None)
    assert guess == Guess({"input": "randn:1x10"}, True, "0 (Linear)", runs=False)


COINS = random.Random(1)


class Drawing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(x) * COINS.random()


def test_a_generator_of_the_models_file_is_left_as_it_was() -> None:
    before = COINS.getstate()
    assert work_out(Drawing(), {}, None).runs
    assert COINS.getstate() == before


def test_nothing_is_printed_or_read_and_the_users_hooks_do_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    class Chatty(nn.Linear):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            print("forward")
            sys.stdin.read()
            return super().forward(input)

    model, seen = Chatty(2, 2), []
    model.register_forward_hook(lambda *_: seen.append(1))
    assert work_out(model, {}, None) is not None
    assert not seen
    assert capsys.readouterr() == ("", "")


def test_a_model_that_cannot_be_copied() -> None:
    import threading

    model = nn.Linear(2, 2)
    model.lock = threading.Lock()  # type: ignore[assignment]
    assert work_out(model, {}, None) is None


def test_a_large_model_is_not_copied() -> None:
    model = nn.Linear(1, 1, device="meta")
    model.weight = nn.Parameter(torch.zeros(1).expand(10**6, 10**6), requires_grad=False)  # 4 TB, were it copied
    model.in_features, model.bias = 10**6, None
    assert work_out(model, {}, None) is not None


def test_each_argument_indexes_the_rows_of_its_own_embedding():
    class Towers(nn.Module):
        def __init__(self):
            super().__init__()
            self.user, self.item = nn.Embedding(30, 4), nn.Embedding(20, 4)

        def forward(self, user, item):
            return (self.user(user) * self.item(item)).sum(-1)

    guess = work_out(Towers(), {}, None)
    assert guess is not None
    assert guess.specs == {"user": "randint:0..30:1x8", "item": "randint:0..20:1x8"}


def test_an_encoder_and_a_decoder_each_get_indices():
    """As T5 of transformers: all arguments have defaults, and two of them are needed."""

    class Pair(nn.Module):
        main_input_name = "input_ids"

        def __init__(self):
            super().__init__()
            self.config = type("Config", (), {"is_encoder_decoder": True})
            self.shared = nn.Embedding(30, 4)

        def forward(self, input_ids=None, mask=None, decoder_input_ids=None):
            return self.shared(input_ids).sum() + self.shared(decoder_input_ids)

    guess = work_out(Pair(), {}, None)
    assert guess is not None
    assert list(guess.specs) == ["input_ids", "decoder_input_ids"]
    assert guess.runs


def test_names_of_states_and_edges():
    class Decoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.gru = nn.Embedding(30, 8), nn.GRU(8, 6, num_layers=2)

        def forward(self, input, hidden):
            return self.gru(self.embedding(input).view(1, 1, -1), hidden)

    class Graph(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(6, 3)

        def forward(self, x, edge_index):
            h = self.fc(x)
            return torch.zeros_like(h).index_add(0, edge_index[1], h[edge_index[0]])

    for model in (Decoder(), Graph()):
        guess = work_out(model, {}, None)
        assert guess is not None
        assert guess.runs
        call(model, guess)


def test_the_bags_of_a_text_and_a_state_of_two():
    class Text(nn.Module):
        def __init__(self):
            super().__init__()
            self.bag, self.fc = nn.EmbeddingBag(20, 4), nn.Linear(4, 2)

        def forward(self, text, offsets):
            return self.fc(self.bag(text, offsets))

    class Memory(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 5, batch_first=True)

        def forward(self, x, state):
            h, c = state
            return self.lstm(x, (h, c))[0]

    for model, argument, spec in ((Text(), "offsets", "randint:0..1:1"), (Memory(), "state", "randn:2x1x1x5")):
        guess = work_out(model, {}, None)
        assert guess is not None
        assert guess.specs[argument] == spec
        call(model, guess)


def test_an_operation_that_torch_has_no_shape_rule_for():
    """As the grouped matrix product of a mixture of experts."""

    class Experts(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.fc = nn.Embedding(30, 4), nn.Linear(4, 2)

        def forward(self, ids):
            h = self.fc(self.embedding(ids))
            if h.is_meta:
                raise RuntimeError("expected inputs of BF16 type")
            return h

    guess = work_out(Experts(), {}, None)
    assert guess == Guess({"ids": "randint:0..30:1x8"}, True, "embedding (Embedding)")
