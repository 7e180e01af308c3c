"""The command language: every command, every abbreviation, every refusal in one sentence."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import torch
from torch import nn
from walking_helpers import record, simple_ann

from neurontui.commands import COMMANDS, execute, find_command
from neurontui.commands.parsing import parse_number
from neurontui.commands.running import split_line
from neurontui.debugger import Debugger
from neurontui.errors import CommandError


@pytest.fixture
def debugger() -> Debugger:
    return simple_ann()


def run(debugger: Debugger, *lines: str) -> str:
    """Runs the lines; the text of the last one's reply. None may be refused but the last."""
    replies = [execute(debugger, line) for line in lines]
    assert all(reply.kind != "error" for reply in replies[:-1]), [reply.text for reply in replies]
    return " ".join(replies[-1].text)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["next"], "fc1"),
        (["n", "n"], "./relu"),
        (["next 3"], "fc2"),
        (["NEXT"], "fc1"),
        (["s", "s"], "fc1/linear"),
        (["step 3"], "./relu"),
        (["s", "s", "r"], "./relu"),
        (["g fc2/linear", "N"], "fc2"),
        (["g fc2/linear", "S", "S"], "./relu"),
        (["g fc2/linear", "R"], "fc2"),
        (["g 5", "back next"], "fc2"),
        (["g 5", "back 2"], "./relu"),
        (["g 5", "back"], "fc2"),
        (["g %5", "back step 2"], "./relu"),
        (["g 5", "back return"], "fc2"),
        (["goto ./relu"], "./relu"),
        (["b fc2", "c"], "fc2"),
        (["b fc1", "g fc2", "C"], "fc1"),
        (["b fc1", "g fc2", "back continue"], "fc1"),
        (["find relu"], "./relu"),
        (["/relu"], "./relu"),
        (["/linear", "find", "find"], "fc2"),
        (["find linear", "find", "back find"], "fc1"),
        (["g 5", "g 1", "unfollow"], "fc2/linear"),
        (["g fc2/linear", "follow 1 input"], "./relu"),
        (["g fc2/linear", "f 1 input", "f"], "fc1/linear"),
        (["g fc2/linear", "why input[1]"], "./relu"),
        (["show fc2.weight"], "fc2"),
        (["g fc1/linear", "k", "r"], "fc1/linear"),
    ],
)
def test_a_walk_ends_where_it_should(debugger: Debugger, lines: list[str], name: str) -> None:
    for line in lines:
        reply = execute(debugger, line)
        assert reply.kind != "error", reply.text
    assert debugger.step.name == name


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["n"], "%1 fc1"),
        (["S"], "This is the first step that way."),
        (["g 5", "s"], "This is the last step that way."),
        (["g 2", "k", "g 1", "n 9", "n"], "This is the last step that way; back return goes up, and there closes the opened call."),
        (["step 99"], "%5 fc2/linear This is the last step that way."),
        (["c"], "There is no breakpoint after this step."),
        (["C"], "There is no breakpoint before this step."),
        (["b fc1 max > 0.9", "c"], "%1 fc1 Stopped by breakpoint 1: fc1 max > 0.9"),
        (["unfollow"], "There is no follow, goto or find to come back from."),
        (["find softmax"], "No step has 'softmax' in its name or operation."),
        (["g fc1", "at 1"], "%1 fc1, element [1]."),
        (["g fc1", "@1"], "%1 fc1, element [1]."),
        (["g fc1", "at -1"], "%1 fc1, element [1]."),
        (["show fc1.weight[0, :]"], "weight[0, :] of %1 fc1, shape [2, 2]."),
        (["show fc1.weight[0,:]", "show next"], "bias of %1 fc1, shape [2]."),
        (["g fc1", "show back"], "bias of %1 fc1, shape [2]."),
        (["g fc1", "show next"], "This is the last tensor of this step."),
        (["g fc1", "show input", "back show"], "This is the first tensor of this step."),
        (["show next slice"], "This is the last slice."),
        (["show back slice"], "This is the first slice."),
        (["b"], "Breakpoint 1 set: the model"),
        (["b fc1"], "Breakpoint 1 set: fc1"),
        (["b fc1", "b fc1"], "Breakpoint 1 removed: fc1"),
        (["b nan"], "Breakpoint 1 set: nan"),
        (["b if absmax >= 10"], "Breakpoint 1 set: absmax >= 10"),
        (["b fc1", "b fc2", "clear"], "2 breakpoints removed."),
        (["b fc1", "clear 1"], "1 breakpoint removed."),
        (["w x[1]"], "x[1]: 2"),
        (["g fc1/linear", "w"], "fc1/linear[0]: -0.9256"),
        (["g fc1/linear", "w", "set fc1.weight[0,1] = 2", "list watches"], "1: fc1/linear[0]: before -0.9256, now 3.6986"),
        (["w x[1]", "unwatch 1"], "1 watch removed."),
        (["unwatch"], "0 watches removed."),
        (["view heat"], "Tensors are shown as heat."),
        (["view exact"], "Exact digits are on."),
        (["view exact", "view exact"], "Exact digits are off."),
        (["set fc1.weight[0,1] = 2"], "set fc1.weight[0, 1] = 2. 6 of 6 steps differ from the run before, first fc1/linear."),
        (["set x[0] = 3"], "set x[0] = 3. 6 of 6 steps differ from the run before, first fc1/linear."),
        (["set fc1/linear[0] = 1", "undo"], "Taken back: set fc1/linear[0] = 1."),
        (["u"], "There is no change to take back."),
        (["seed"], "Run again with seed 0. Every step gives the same as before."),
        (["x 12"], "Run again with seed 12. Every step gives the same as before."),
        (["m"], "From TRAIN to EVAL. Every step gives the same as before."),
        (["mode train"], "TRAIN, as before. Every step gives the same as before."),
        (["m", "m"], "From EVAL to TRAIN, as the model is written. Every step gives the same as the first run, before the 2 changes."),
        (["set x[0] = 3", "m"], "From TRAIN to EVAL. 6 of 6 steps differ from the first run, before the 2 changes, first fc1/linear."),
        (["set x[0] = 3", "diff"], "6 of 6 steps differ from the run before, first fc1/linear. Tensors show: both."),
        (["set x[0] = 3", "d before"], "6 of 6 steps differ from the run before, first fc1/linear. Tensors show: before."),
        (["set x[0] = 3", "undo", "list changes"], "Nothing was changed."),
        (["set x[0] = 3", "seed 2", "list changes"], "1: set x[0] = 3 2: seed 2"),
        (["list breakpoints"], "There are no breakpoints."),
        (["b fc1", "b nan", "list b"], "1: fc1 2: nan"),
        (["list watches"], "There are no watches."),
        (["g fc1/linear", "list tensors"],
         "input [2], x weight [2, 2], fc1.weight bias [2], fc1.bias output [2], fc1/linear, here"),
        (["y"], "0.44032672 was copied."),
        (["copy slice"], "The slice was copied, with tabs between its columns."),
        (["copy explanation"], "The explanation was copied."),
        (["g fc1", "stats weight"],
         "weight [2, 2] mean 0.0618 std 0.2932 min -0.3121 max 0.3643 count 4 zeros 0 NaN 0 Inf 0"),
        (["help next"], "next (n) [COUNT]: the next step that is not inside this one For example: next, or next 3."),
        (["h @"], "at (@) INDEX: explain this element of the output For example: at 0,2."),
    ],
)  # fmt: skip
def test_what_a_command_says(debugger: Debugger, lines: list[str], said: str) -> None:
    assert run(debugger, *lines) == said


def test_a_call_that_gives_other_numbers_when_it_is_opened_says_so() -> None:
    calls: list[int] = []

    class Counting(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            calls.append(1)
            return x * len(calls)

    reply = execute(record(Counting(), torch.ones(2)), "open")
    assert "gave other numbers than were recorded" in reply.text[-1]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nxt", "There is no command 'nxt' (help lists them all); did you mean 'next'?"),
        ("contniue", "There is no command 'contniue' (help lists them all); did you mean 'continue'?"),
        ("zzz", "There is no command 'zzz' (help lists them all)."),
        ("next 0", "'0' is no count: give a whole number from 1 on, or nothing for 1."),
        ("step -1", "'-1' is no count: give a whole number from 1 on, or nothing for 1."),
        ("next two", "'two' is no count: give a whole number from 1 on, or nothing for 1."),
        ("back up", "back up is no move: take one of next, step, return, continue, find, show."),
        ("back retrun", "back retrun is no move: take one of next, step, return, continue, find, show; did you mean 'return'?"),
        ("continue 3", "continue takes nothing after it, and '3' was given."),
        ("goto", "goto needs a step: its name as in fc1/linear, or its number as in %2."),
        ("find", "Nothing was looked for yet: give a text, as in find relu."),
        ("follow x", "'x' is no term: give its number, and a factor's name if need be, as in follow 1 input."),
        ("follow 99", "There is no term 99: the explanation has 3, from 0 to 2."),
        ("at 0,2", "The model's output has the shape [1], so its index has 1 number, not 2 as in [0, 2]."),
        ("at", "The model's output has the shape [1]: say which element, as in [0]."),
        ("at 1.5", "1.5 is no index: give whole numbers with commas between them, as in 0,2."),
        ("at [0, :]", "[0, :] is a slice; one element needs a whole number for each dimension, as in 0,2."),
        ("why weight[0]", "There is no tensor called 'weight'; did you mean 'fc1.weight'?"),
        ("show fc1.wieght", "There is no tensor called 'fc1.wieght'; did you mean 'fc1.weight'?"),
        ("show x[3]", "x has the shape [2]: [3] is outside of it."),
        ("show x[0, 1]", "x has 1 dimension, and [0, 1] has 2."),
        ("stage", "'' is no stage: give its number from 0 on, next, back or whole."),
        ("stage 4", "There is no stage 4: the explanation has none."),
        ("break max", "'max' is no condition; one is nan, inf, changed, error, min|max|mean|absmax OP NUMBER, or [INDEX] OP NUMBER, "
                      "where OP is one of < <= > >= == !=."),
        ("break fc1 max > much", "A condition compares with a number, and 'much' is none."),
        ("clear x", "'x' is no number of a breakpoint: give its number, or nothing for all."),
        ("clear 7", "There is no breakpoint 7: list breakpoints shows them."),
        ("unwatch 7", "There is no watch 7: list watches shows them."),
        ("watch fc1[9]", "fc1 has the shape [2]: there is no element [9] in it, only up to [1]."),
        ("view cube", "'cube' is no view: take one of numbers, heat, stats, exact."),
        ("view", "Say which view: take one of numbers, heat, stats, exact."),
        ("[red]x[/]", "There is no command '[red]x[/]' (help lists them all)."),
        ("show fc1.weight[::2, :]", "[::2, :] is no slice: give a whole number or : for each dimension, as in [0, :]."),
        ("show fc1.weight[..., 0]", "[..., 0] is no slice: give a whole number or : for each dimension, as in [0, :]."),
        ("save run.txt", "save writes a trace, which ends in .safetensors, or a picture, in .svg; run.txt ends in neither."),
        ("set", "set needs a tensor's element and a number, as in set fc1.weight[0,1] = 2."),
        ("set fc1.weight[0,1]", "set needs a tensor's element and a number, as in set fc1.weight[0,1] = 2."),
        ("set = 2", "set needs a tensor's element and a number, as in set fc1.weight[0,1] = 2."),
        ("set x[0] = two", "'two' is no number: give one as in 2, -0.5, 1e-3, nan, inf or true."),
        ("set x[0] = open('f')", "\"open('f')\" is no number: give one as in 2, -0.5, 1e-3, nan, inf or true."),
        ("set x[9] = 1", "x has the shape [2]: there is no element [9] in it, only up to [1]."),
        ("seed -1", "'-1' is no seed: give a whole number from 0 to 2**64 - 1, or nothing for the next one."),
        ("mode fast", "'fast' is no mode: take one of written, train, eval."),
        ("diff", "Nothing was changed yet, so there is no earlier run to compare with: set a number, a seed or a mode first."),
        ("diff sideways", "'sideways' is no way to compare: take one of now, both, before."),
        ("copy all", "'all' is no thing to copy: take one of cell, slice, explanation."),
        ("list all", "'all' is no list: take one of source, steps, tensors, breakpoints, watches, changes."),
        ("save", "save needs a file name, as in save run.safetensors."),
        ("help nxt", "There is no command 'nxt' (help lists them all); did you mean 'next'?"),
        ("quit now", "quit takes nothing after it, and 'now' was given."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(debugger: Debugger, line: str, sentence: str) -> None:
    place = debugger.place
    reply = execute(debugger, line)
    assert (reply.kind, " ".join(reply.text)) == ("error", sentence)
    assert debugger.place == place
    assert len(debugger.runs) == 1


@pytest.mark.parametrize("line", ["goto fc11", "goto %99", "goto -1", "goto fc1/relu", "break fc11", "stats fc11", "watch fc11[0]"])
def test_a_name_that_is_not_there_is_an_error(debugger: Debugger, line: str) -> None:
    reply = execute(debugger, line)
    assert reply.kind == "error"
    assert len(reply.text) == 1


@pytest.mark.parametrize("line", ["", "   ", "# a comment", "\n", "  # indented"])
def test_an_empty_line_and_a_comment_do_nothing(debugger: Debugger, line: str) -> None:
    assert execute(debugger, line).kind == "nothing"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("@0,2", ("@", "0,2")), ("/relu", ("/", "relu")), ("at[0,2]", ("at", "[0,2]")),
        ("N", ("back", "next")), ("S 3", ("back", "step 3")), ("  n  ", ("n", "")), ("? next", ("?", "next")),
        ("set x[0] = 1", ("set", "x[0] = 1")), ("why[0]", ("why", "[0]")),
    ],
)  # fmt: skip
def test_a_line_is_a_word_and_the_rest(line: str, words: tuple[str, str]) -> None:
    assert split_line(line) == words


def test_kinds_and_subjects_are_what_the_screens_read(debugger: Debugger) -> None:
    assert execute(debugger, "n").subject is debugger.step
    explained = execute(debugger, "why")
    assert (explained.kind, explained.subject) == ("explained", debugger.explanation())
    followed = execute(debugger, "follow 0 weight")  # to a tensor that no step made
    assert (followed.kind, followed.subject) == ("shown", debugger.shown)
    assert execute(debugger, "follow 0 weight").kind == "stayed"
    assert execute(debugger, "why output[1]").kind == "explained"
    assert execute(debugger, "why 1").kind == "explained"
    assert debugger.at == (1,)
    assert execute(debugger, "show weight").subject is debugger.shown
    assert execute(debugger, "stats").subject == debugger.statistics(debugger.shown.value)  # type: ignore[union-attr]
    assert execute(debugger, "set x[0] = 1").kind == "ran"
    assert execute(debugger, "diff").subject is debugger.diff()
    assert execute(debugger, "b nan").kind == "set"
    assert execute(debugger, "copy").subject == "0.3643461"
    assert execute(debugger, "copy slice").subject.count("\t") == 2
    assert execute(debugger, "predict 0.5").kind == "predict"
    assert execute(debugger, "q").kind == "quit"


def test_where_and_list_tell_the_user_s_lines() -> None:
    debugger = record(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), torch.ones(2))
    execute(debugger, "g 0/linear")
    assert [line.split(":")[0] for line in execute(debugger, "where").text] == ["%0 Sequential", "%1 0", "%2 0/linear"]
    assert execute(debugger, "list steps").text[2].endswith(", here")
    source = execute(simple_ann(), "list").text
    assert sum(line.startswith("here ") for line in source) == 1
    assert len({line.index(":") for line in source}) == 1, "the lines of code stand below one another as in the file"


def test_nan_goes_to_the_call_that_made_it() -> None:
    class Sick(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.log(x - 1) * 2

    debugger = record(Sick(), torch.tensor([3.0, 0.5]))
    reply = execute(debugger, "nan")
    assert (reply.kind, debugger.step.name, debugger.at) == ("moved", "./log", (1,))
    assert reply.text[1].startswith("The first NaN was made by %2 ./log at [1]")
    execute(debugger, "unfollow")
    assert debugger.index == 0
    debugger = record(Sick(), torch.tensor([float("inf"), 2.0]))
    assert "came in with the input" in run(debugger, "g ./mul", "nan")
    assert (debugger.step.name, debugger.place.cell) == (".", (0,))
    assert run(simple_ann(), "nan") == "Every number here is finite."


@pytest.mark.filterwarnings("ignore")
def test_nan_goes_to_a_tensor_that_has_no_index_of_its_elements() -> None:
    debugger = record(nn.Linear(1, 1), torch.nested.nested_tensor([torch.ones(1, 1), torch.full((2, 1), math.nan)]))
    assert run(debugger, "nan").endswith("This is the first call that gave a NaN, in a tensor whose elements have no index here.")
    assert debugger.step.name == "./linear"
    debugger = record(nn.Linear(1, 1), torch.nested.nested_tensor([torch.ones(1, 1)]))
    assert run(debugger, "nan") == "Every number here is finite."


def test_reach_shows_what_an_element_moves(debugger: Debugger) -> None:
    said = run(debugger, "g fc1/linear", "at 1", "reach")
    assert said.startswith("%0 SimpleANN A small change of fc1/linear[1] moves 1 of 1 elements of %0 SimpleANN.")
    assert "output[0] by 0.3597 times as much" in said
    assert debugger.standing.reached is not None
    assert debugger.standing.reached.slopes.item() == pytest.approx(0.3597, abs=1e-4)  # the weight from relu's second element
    assert run(debugger, "unfollow") == "%2 fc1/linear"
    said = run(debugger, "at 0", "reach ./relu")
    assert said == "%3 ./relu A small change of fc1/linear[0] moves 0 of 2 elements of %3 ./relu."  # dead
    said = run(debugger, "reach x[1]")
    assert "A small change of x[1] moves 1 of 1 elements of %0 SimpleANN. output[0] by 0.1194 times" in said  # 0.3319 · 0.3597
    said = run(debugger, "reach fc1.weight[1,0] fc2")
    assert said.startswith("%4 fc2 A small change of fc1.weight[1, 0] moves 1 of 1 elements of %4 fc2. output[0] by 0.3597")  # x[0] = 1
    execute(debugger, "set x[0] = 3")
    assert debugger.standing.reached is None
    assert "comes before" in run(debugger, "g fc2/linear", "reach ./relu")
    assert run(debugger, "g fc2/linear", "open", "reach").startswith("There is no element here that could be moved")


class Shortening(nn.Module):
    """The lookup writes to the weight that the last layer has, too."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(2, 2, max_norm=1.0)
        self.embed.weight.data = torch.tensor([[3.0, 4.0], [0.5, 0.0]])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.embed(ids) @ self.embed.weight.T


def test_a_tensor_that_the_call_writes_is_asked_about_itself() -> None:
    debugger = record(Shortening(), torch.tensor([0]))
    said = run(debugger, "reach embed.weight[1,0]")
    assert (
        said
        == "%0 Shortening A small change of embed.weight[1, 0] moves 1 of 2 elements of %0 Shortening. output[0, 1] by 0.6 times as much"
    )
    assert run(debugger, "g ./T", "follow") == "input[0, 0] = 0.6 was left in weight[0, 0] by embed/embedding (%2)."


@pytest.mark.parametrize("line", ["at", "at 0,0", "why", "why [0,0]", "watch output[0,0]"])
def test_an_empty_tensor_is_said_to_be_empty(line: str) -> None:
    reply = execute(record(torch.nn.Linear(3, 2), torch.empty(0, 3)), line)
    assert "is empty: it has the shape [0, 2], so there is no element in it." in reply.text[0]


def test_a_whole_number_longer_than_torch_takes_is_set_as_the_float_it_is(debugger: Debugger) -> None:
    run(debugger, "set fc1.weight[0,1] = 100000000000000000000")
    assert debugger.find_shown("fc1.weight").value.tensor()[0, 1].item() == pytest.approx(1e20)


def test_an_explanation_without_stages_is_whole(debugger: Debugger) -> None:
    assert run(debugger, "stage next") == "This is the whole explanation."
    assert run(debugger, "stage back") == "This is the whole explanation."


def test_help_lists_every_command(debugger: Debugger) -> None:
    lines = execute(debugger, "help").text
    assert len(lines) == len(COMMANDS)
    for command, line in zip(COMMANDS, lines, strict=True):
        assert line.startswith(command.name)
        assert find_command(command.name) is command
        assert all(find_command(alias) is command for alias in command.aliases)
        assert all(example in execute(debugger, f"help {command.name}").text[1] for example in command.examples)
        assert bool(command.examples) == bool(command.arguments), "what takes words shows how"


@pytest.mark.parametrize("example", [example for command in COMMANDS for example in command.examples])
def test_every_example_of_the_help_can_be_typed(debugger: Debugger, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    of_a_batch = example.startswith(("at ", "stage "))
    walked = record(torch.nn.BatchNorm1d(3), torch.randn(4, 3)) if of_a_batch else debugger
    if not of_a_batch:
        for line in ("break fc1", "watch x[0]", "set x[0] = 5", "goto fc1"):
            assert execute(walked, line).kind != "error"
    assert execute(walked, example).kind not in ("error", "nothing")


def test_no_word_means_two_commands() -> None:
    words = [word for command in COMMANDS for word in (command.name, *command.aliases)]
    assert len(words) == len(set(words))


def test_an_unknown_word_is_a_command_error() -> None:
    with pytest.raises(CommandError, match="did you mean 'undo'"):
        find_command("undoo")


def test_a_saved_trace_is_loaded_again(debugger: Debugger, tmp_path: Path) -> None:
    import neurontui

    path = tmp_path / "run of mine.safetensors"
    assert run(debugger, f"save {path}") == f"Saved as {path}."
    loaded = Debugger(neurontui.load(path))
    assert [step.name for step in loaded.run.steps] == [step.name for step in debugger.run.steps]
    assert "holds no model" in run(loaded, "set x[0] = 1")
    for walked in (debugger, loaded):
        assert run(walked, "g fc1/linear") == "%2 fc1/linear"
    assert execute(loaded, "list").text == execute(debugger, "list").text
    assert execute(loaded, "why").subject.computed == execute(debugger, "why").subject.computed
    assert run(loaded, "g fc2/linear", "follow 1 input") == run(debugger, "g fc2/linear", "follow 1 input")


def test_control_characters_in_a_line_reach_no_terminal(debugger: Debugger) -> None:
    lines = ["goto \x1b[31mred", "show \x1b]0;title\x07", "\x1b[2J", "set x[0] = \x1b[1m", "find \x1b[1m", "break \x1b[1m", "save \x1b/x"]
    for line in lines:
        for text in execute(debugger, line).text:
            assert not re.search(r"[\x00-\x1f\x7f]", text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("2", 2), ("-0.5", -0.5), ("1e-3", 0.001), ("-inf", float("-inf")), ("true", True), ("False", False), ("1+2j", 1 + 2j)],
)
def test_numbers_are_read(text: str, number: object) -> None:
    read = parse_number(text)
    assert read == number
    assert type(read) is type(number)


class Named(nn.Module):
    """Gives its tensors in a dict, two of them in a list."""

    def forward(self, x: torch.Tensor) -> dict[str, object]:
        return {"logits": x + 1, "y": [x * 2, x * 3], "relu": torch.relu(x)}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("show", "output logits of %0 Named"),
        ("show logits", "output logits of %0 Named"),
        ("show output", "output logits of %0 Named"),
        ("show output[1]", "output logits[1] of %0 Named"),
        ("show y[1]", "output y[1] of %0 Named"),
        ("show y[1][0]", "output y[1][0] of %0 Named"),
        ("show output y[0]", "output y[0] of %0 Named"),
        ("show output 2", "output y[1] of %0 Named"),
        ("show relu", "output of %4 ./relu"),  # what a step is called comes first
        ("stats y[0]", "output y[0] [2]"),
        ("show x", "x of %0 Named"),
    ],
)
def test_several_outputs_have_the_names_that_the_model_gave_them(line: str, said: str) -> None:
    assert run(record(Named(), torch.tensor([1.0, 2.0])), line).startswith(said)


class Pair(nn.Module):
    """Takes its tensors in a list, holds two in another, and gives a list in a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2, 2)
        self.tables = [torch.ones(2), torch.ones(2)]

    def forward(self, y: list[torch.Tensor]) -> dict[str, object]:
        return {"out": [y[0] + self.tables[0], self.fc(y[1]) * self.tables[1]], "k": y[0]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("show y[0]", "y[0] of %0 Pair"),
        ("show y[1][0, :]", "input[0, :] of %2 fc"),
        ("show out[1][0, :]", "output out[1][0, :] of %0 Pair"),
        ("show output out[1]", "output out[1] of %0 Pair"),
        ("show tables[1]", "other of %4 ./mul"),
        ("show tables[1][0]", "other[0] of %4 ./mul"),
        ("show weight[0, :]", "weight[0, :] of %2 fc"),
        ("show [0, :]", "output[0, :] of %2 fc"),
        ("why y[0][1]", "y[0][1] = 2 is the model's input y[0][1]."),
        ("watch y[0][1]", "y[0][1]: 2"),
        ("set y[0][1] = 3", "set y[0][1] = 3."),
        ("set tables[1][1] = 3", "set tables[1][1] = 3."),
        ("show y[2]", "There is no tensor called 'y'; did you mean 'y[0]'?"),
    ],
)
def test_a_name_with_brackets_is_known_from_any_step(line: str, said: str) -> None:
    debugger = record(Pair(), [torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 4.0]])])
    execute(debugger, "goto fc")
    assert run(debugger, line).startswith(said)


def test_an_element_of_a_named_output_is_explained() -> None:
    debugger = record(Named(), torch.tensor([1.0, 2.0]))
    run(debugger, "why y[1][1]")
    why = debugger.explanation()
    assert why is not None
    assert (why.actual, debugger.place.output) == (6.0, 2)
