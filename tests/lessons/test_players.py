"""Playing: pages, answers, what is hidden until then, progress; and the same in plain mode and from the command line."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from neurontui.cli import main
from neurontui.debugger import Debugger
from neurontui.errors import LessonError
from neurontui.lessons import quiz
from neurontui.lessons.checking import check_lesson
from neurontui.lessons.document import Lesson
from neurontui.lessons.library import open_lesson
from neurontui.lessons.player import Player
from neurontui.lessons.practice import Practice
from neurontui.lessons.progress import Progress, keep_progress, read_progress, state_file
from neurontui.plain.lessons import play_lesson
from neurontui.rendering.lessons import plain_below

Stand = Callable[..., Debugger]
Make = Callable[..., Lesson]
ASK = "```neurontui\ngoto ./linear\npredict value\n```"


def play(lesson: Lesson, *lines: str, code: int = 0) -> list[str]:
    out = io.StringIO()
    assert play_lesson(lesson, "test", [], io.StringIO("".join(f"{line}\n" for line in lines)), out) == code
    return out.getvalue().splitlines()


def test_a_page_hides_its_answer_until_it_is_given(make_lesson: Make) -> None:
    player = Player(make_lesson(ASK, "It gave {value}."))
    player.go(1)
    scene = player.scene()
    assert (scene.why, scene.tensors, scene.failure) == (None, (), None)
    assert "2.7" not in "\n".join(plain_below(scene))
    player.answer("2.6")
    assert player.asking is not None
    assert (player.asking.open, player.asking.kind) == (True, "wrong")
    player.hint()
    player.answer("2.7")
    assert player.scene().why is not None
    assert [(one.solved, one.wrong, one.mistakes, one.hints) for one in player.answered] == [(True, ("2.6",), ("bias",), 1)]
    player.next()
    assert [told.text for told in player.scene().told] == ["It gave 2.7."]
    player.next()
    assert player.scene().ended
    assert player.scene().told[0].text == "1 of 1 found, 0 at once; 1 hint."


def test_a_page_does_not_show_what_the_next_asks(make_lesson: Make) -> None:
    player = Player(make_lesson("```neurontui\ngoto ./linear\n```", "```neurontui\npredict sum 1\n```", "```neurontui\npredict value\n```"))
    player.go(1)
    assert (player.number, player.scene().why) == (1, None)
    assert "0.6" not in "\n".join(plain_below(player.scene()))
    player.next()
    player.answer("0.6")
    shown = "\n".join(plain_below(player.scene()))
    assert "0.6" in shown
    assert "2.7" not in shown
    player.next()
    player.answer("")
    assert "2.7" in "\n".join(plain_below(player.scene()))
    player.back()
    player.back()
    assert player.scene().why is not None, "nothing is left to be asked"


def test_edits_go_on_and_tries_are_taken_back(make_lesson: Make) -> None:
    try_ = "It gives {value}.\n\n```neurontui\ngoto ./linear\n```\n\n```neurontui try\nset weight[0, 1] = -1\n```"
    player = Player(make_lesson(try_, "```neurontui\nset weight[0, 0] = 1\n```\n\nNow {value}.", "{value}"))
    player.go(1)
    player.toggle_try()
    scene = player.scene()
    assert (scene.trying, scene.why and scene.why.actual) == (True, pytest.approx(-4.3))
    assert scene.told[0].text == "It gives 2.7."
    player.toggle_try()
    assert player.scene().why.actual == pytest.approx(2.7)  # type: ignore[union-attr]
    player.toggle_try()
    player.next()
    assert player.scene().told[0].text == "Now 5.1."
    player.next()
    assert player.scene().told[0].text == "5.1"
    player.run("set weight[0, 0] = 7")
    player.back()
    player.next()
    assert player.scene().told[0].text == "5.1", "a learner's own command is taken back"


def test_a_page_may_go_over_to_another_model(make_lesson: Make) -> None:
    player = Player(make_lesson("{shape output}", "```neurontui\nmodel flatten:layer\n```\n{shape output}", "{shape output}"))
    shapes = []
    for number in (1, 2, 3, 1):
        player.go(number)
        shapes.append(player.scene().told[0].text)
    assert shapes == ["[1]", "[2, 2]", "[2, 2]", "[1]"]


def test_no_command_while_a_question_is_open(make_lesson: Make) -> None:
    player = Player(make_lesson(ASK))
    player.go(1)
    assert player.run("why").text == ("Answer first; an empty answer shows it.",)
    assert player.scene().why is None


def test_own_words_of_a_question(make_lesson: Make) -> None:
    words = "> Question: What now?\n> Hint: Add {0.1 = bias[0]}.\n> Wrong bias: One is left.\n> Right: Well done."
    player = Player(make_lesson(f"{ASK}\n{words}"))
    player.go(1)
    player.hint()
    assert player.asking is not None
    assert (player.asking.question.words, player.asking.said) == ("What now?", "Hint: Add 0.1.")
    player.answer("2.6")
    assert player.asking.said == "One is left."
    player.answer("2.7")
    assert player.asking.said == "Right now: 2.7. Well done."


def test_the_neuron_lesson_line_by_line() -> None:
    lines = play(open_lesson("neuron"), "", "0.5", "hint", "0.6", "", "2.6", "", "2.6", "2.7", "back", "quit")
    assert lines[0] == "Lesson: One neuron"
    assert "Page 2 of 9: The first product" in lines
    assert "Not 0.5: it is larger." in lines
    assert "Right now: 0.6." in lines
    assert "Not yet: that is the sum before the bias. One term is left." in lines
    assert lines.index("Why is output[0] = 2.7000?") > lines.index("Right now: 2.7.")
    assert not set("".join(lines)) & set("│─╭╮▸▰")
    assert read_progress()["test"] == Progress(3, 9, False, {"2": True, "3": True, "4": True})
    again = play(open_lesson("neuron"), "", "restart", "quit")
    assert again[2:4] == ["You are back at page 3 of 9: restart begins anew.", "Page 3 of 9: The sum before the bias"]
    assert "Page 1 of 9: What a neuron is" in again
    assert read_progress()["test"].found == 3, "what was found stays found"


def test_a_wrong_line_of_a_file_or_a_pipe_is_exit_code_2_and_a_wrong_answer_is_not(make_lesson: Make) -> None:
    def end(lines: list[str], piped: str = "") -> int:
        return play_lesson(make_lesson(ASK), "test", lines, io.StringIO(piped), io.StringIO())

    assert end(["# a comment", "27", "2.7", "where", "hint", "next", "where"]) == 0
    assert end(["2.7", "wehre", "where"]) == 2
    assert end(["restart"], "2.7\nstep nowhere\n") == 2
    assert end(["restart"], "score /nowhere/x.md\n") == 2


def test_the_score_is_written(make_lesson: Make, tmp_path: Path) -> None:
    file = tmp_path / "score.md"
    lines = play(make_lesson(ASK), "2.6", "2.7", "", f"score {file}", "score", "score /nowhere/x.md", code=2)
    assert {f"The score is in {file}.", "1 of 1 found, 0 at once; 0 hints."} < set(lines)
    assert lines[-1].startswith("Error: the score cannot be written")
    assert "| ./linear, output[0] | What is output[0]? | 2.7 | yes | 2.6 | 0 |" in file.read_text("utf-8")
    assert read_progress()["test"].finished


def test_progress_is_never_an_error(state_home: Path) -> None:
    keep_progress("a", Progress(2, 5, False, {"1": True, "2": False}))
    keep_progress("b", Progress(1, 2))
    assert read_progress() == {"a": Progress(2, 5, False, {"1": True, "2": False}), "b": Progress(1, 2)}
    assert [file.name for file in state_file().parent.iterdir()] == ["lessons.json"]
    for broken in ("", "[1]", '{"a": 3}', '{"a": {"page": "x"}}', "{", "\x00"):
        state_file().write_text(broken, "utf-8")
        assert read_progress() == {}
    known = {"a": {"page": 2, "pages": 5, "finished": True, "results": {}}, "b": {"page": -1}, "c": {"page": 1, "results": 3}}
    state_file().write_text(json.dumps(known), "utf-8")
    assert list(read_progress()) == ["a"]
    state_file().unlink()
    state_file().parent.rmdir()
    state_file().parent.write_text("a file where the folder should be")
    keep_progress("a", Progress())
    assert read_progress() == {}


def test_practice_in_any_model(stand_at: Stand) -> None:
    practice = Practice(stand_at("sequential", "goto 0/linear", "at 0"))
    practice.ask()
    kinds = []
    for _ in range(4):
        assert practice.asking is not None
        kinds.append(practice.asking.question.kind)
        assert practice.scene().why is None
        practice.answer("")
        practice.next()
    assert kinds == ["sum", "value", "shape", "largest"]
    assert quiz.score(practice.answered) == "0 of 5 found, 0 at once; 0 hints."


def test_the_command_lists_and_checks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    keep_progress("neuron", Progress(4, 9, False, {"2": True, "3": True, "4": False}))
    assert main(["lesson"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[0].split() == ["neuron", "One", "neuron", "6", "minutes", "page", "4", "of", "9,", "2", "of", "3", "found"]
    file = tmp_path / "bad.md"
    file.write_text("---\ntitle: x\nmodel: demo neuron\n---\n## A\nIt gives 9.9.\n", "utf-8")
    assert main(["lesson", "check", str(file), "neuron"]) == 2
    out = capsys.readouterr().out
    assert f"{file}:6: it states 9.9" in out
    assert f"{file}: 1 page, 0 questions, 1 wrong" in out
    assert "neuron: 9 pages, 5 questions, all is right" in out
    assert main(["lesson", "mistakes", "neuron"]) == 0
    assert "  bias: 2.6" in capsys.readouterr().out
    assert main(["lesson", "nuron"]) == 2
    assert "did you mean 'neuron'" in capsys.readouterr().err


def test_a_demo_that_is_not_there_is_refused_at_its_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "bad.md"
    file.write_text("---\ntitle: x\nmodel: demo gone\n---\n## A\nText.\n", "utf-8")
    assert main(["lesson", "check", str(file)]) == 2
    assert f"{file}:3: there is no demo 'gone'" in capsys.readouterr().out


def test_a_page_that_ends_in_show_shows_that_tensor(make_lesson: Make) -> None:
    shown = "```neurontui\ngoto fc1\nat 0\nshow weight\n```"
    tried = "```neurontui\ngoto ./relu\nat 0\nshow output\n```\n```neurontui try\nset x[0] = 4\n```"
    asked = "```neurontui\ngoto ./relu\nat 0\npredict value\n```"
    head = "---\ntitle: x\nmodel: demo simple_ann\n---\n"
    player = Player(make_lesson(shown, tried, asked, "```neurontui\nshow output\n```", head=head))
    player.go(1)
    assert player.scene().why is None
    assert [tensor.title for tensor in player.scene().tensors] == ["weight"]
    assert "-0.1371" in " ".join(plain_below(player.scene()))
    player.run("at 0")
    assert player.scene().why is not None, "the learner's own command looks elsewhere"
    player.next()
    assert player.scene().covering is not None, "the next page asks for what is in this output"
    player.toggle_try()
    assert [tensor.value.tensor().tolist()[0] for tensor in player.scene().tensors] == [pytest.approx(0.1675, abs=1e-4)]
    player.next()
    player.answer("0")
    player.next()
    assert [tensor.title for tensor in player.scene().tensors] == ["output"]


def test_the_term_that_an_edit_changed_is_known(make_lesson: Make) -> None:
    head = "---\ntitle: x\nmodel: demo stacked\n---\n"
    page = "```neurontui\ngoto fc2\nat 0\n```\n```neurontui try\nset fc1/linear[3] = 10\n```"
    player = Player(make_lesson(page, head=head))
    player.go(1)
    assert player.scene().changed is None
    player.toggle_try()
    assert player.scene().changed == 3


def test_a_foreign_model_runs_after_a_yes_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ran = tmp_path / "ran"
    model = f"import pathlib, torch\npathlib.Path({str(ran)!r}).touch()\nmodel = torch.nn.ReLU()\nx = torch.ones(2)\n"
    (tmp_path / "net.py").write_text(model, "utf-8")
    file = tmp_path / "a.md"
    file.write_text("---\ntitle: x\nmodel: net.py\n---\n## A\n{shape output}\n", "utf-8")
    for answer, code in (("", 2), ("no\n", 2), ("y\n", 2), ("yes\n", 0)):
        assert not ran.exists()
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        assert main(["lesson", "check", str(file)]) == code
    assert ran.exists()
    assert "net.py, which does not come with NeuronTUI" in capsys.readouterr().err


def test_an_error_while_playing_names_file_and_line(make_lesson: Make) -> None:
    player = Player(make_lesson("text", "```neurontui\nset weight[0, 5] = 1\n```"))
    player.go(1)
    with pytest.raises(LessonError, match=r"^a\.md:13: .*no element"):
        player.next()


@pytest.mark.parametrize("line", ["save stolen.safetensors", "SAVE[stolen.safetensors", "save picture.svg", "quit", "q", "predict value"])
def test_a_block_can_neither_write_a_file_nor_leave(make_lesson: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.chdir(tmp_path)
    lesson = make_lesson(f"```neurontui try\n{line}\n```")
    before = set(tmp_path.iterdir())
    said = list(check_lesson(lesson))
    assert len(said) == 1
    assert "cannot stand in a block" in said[0]
    player = Player(lesson)
    player.go(1)
    with pytest.raises(LessonError, match="cannot stand in a block"):
        player.toggle_try()
    assert set(tmp_path.iterdir()) == before
