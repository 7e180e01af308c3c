"""Lessons as handouts and worksheets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import nn

import neurontui
from neurontui.cli import main
from neurontui.errors import NeuronTUIError
from neurontui.exporting.lessons import export_lesson, lesson_text, make_lesson_pages
from neurontui.exporting.pages import make_pages
from neurontui.exporting.tables import Block, PageTable, blank
from neurontui.lessons.document import parse_lesson
from neurontui.lessons.library import find_lessons, open_lesson
from neurontui.lessons.player import Player
from neurontui.lessons.statements import states


def test_a_handout_has_every_page_its_question_and_its_computation() -> None:
    lesson = open_lesson("neuron")
    pages = make_lesson_pages(lesson)
    assert [page.title for page in pages] == [page.title.text for page in lesson.pages]
    parts = pages[3].parts
    assert "What does the neuron give?" in parts
    assert "# Why is output[0] = 2.7000?" in parts
    answers = [part for part in parts if isinstance(part, PageTable) and part.caption == "answer"]
    assert [cell.text for row in answers[0].rows for cell in row] == ["2.7"]
    page = lesson_text(lesson, ".html")
    assert page.count("<section") == len(lesson.pages)
    assert "default-src 'none'" in page
    assert "2.7" in lesson_text(lesson, ".md")


def test_a_worksheet_keeps_its_answers_for_the_key() -> None:
    lesson = open_lesson("neuron")
    _, key = blank(make_lesson_pages(lesson, worksheet=True))
    answers = [answer for _, answer in key]
    for told in ("0.6", "2.6", "2.7", "3", "negative"):
        assert told in answers
    text = lesson_text(lesson, ".md", worksheet=True)
    page, _, key_text = text.partition("## Key")
    bias = page[page.index("## The bias") : page.index("## The whole neuron")]
    assert "2.7" not in bias
    assert "0.4000" in bias, "what is needed to find it is given"
    assert "2.7000" in key_text


@pytest.mark.parametrize("name", find_lessons())
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_the_text_of_a_worksheet_tells_no_answer(name: str) -> None:
    """A lesson says on its next page what was found; a worksheet is read all at once."""
    lesson = open_lesson(name)
    player, told = Player(lesson), list[float]()
    for number, page in enumerate(make_lesson_pages(lesson, worksheet=True), 1):
        player.go(number)
        question = player.asking.question if player.asking is not None else None
        if question is not None and question.wants == "number" and isinstance(question.answer, float):
            told.append(question.answer)
        said = [part for part in page.parts if isinstance(part, str)]
        said += [line for part in page.parts if isinstance(part, Block) for line in part.lines]
        stated = [numeral for line in said for numeral in re.findall(r"(?<![\d.])[-−]?\d+\.\d+", line)]
        assert not [numeral for numeral in stated if any(states(numeral, answer) for answer in told)], page.title


def test_shares_of_a_histogram_are_not_asked_for() -> None:
    trace = neurontui.trace(nn.Dropout(0.5), torch.tensor([10.0, 20, 30, 40]), seed=4)
    pages, key = blank(make_pages(trace))
    assert "60.0000" in [answer for _, answer in key]
    assert "37.50" not in [answer for _, answer in key]
    tables = [part for page in pages for part in page.parts if isinstance(part, PageTable)]
    assert any(cell.text == "37.50" for table in tables for row in table.rows for cell in row)


def test_lessons_are_text_in_a_handout() -> None:
    head = "---\ntitle: <b>x</b>\nmodel: demo neuron\n---\n"
    text = "## <script>alert(1)</script>\n<img src=x onerror=y> {[1]}\n```python\n</script>\n```\n"
    page = lesson_text(parse_lesson(head + text), ".html")
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert not re.search(r"<b>x", page)


def test_what_cannot_be_written_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NeuronTUIError, match=r"no \.json"):
        lesson_text(open_lesson("neuron"), ".json")
    with pytest.raises(NeuronTUIError, match="cannot be written"):
        export_lesson(open_lesson("neuron"), tmp_path / "nowhere" / "x.md")
    assert main(["export", "neuron", "-o", str(tmp_path / "x.html"), "--worksheet"]) == 0
    assert 'id="key"' in (tmp_path / "x.html").read_text("utf-8")
    assert main(["export", "neuron", "-o", str(tmp_path / "x.json")]) == 2
    assert "none of a lesson's endings .html .md .svg" in capsys.readouterr().err


def test_a_lesson_is_not_written_over_by_its_own_handout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "---\ntitle: x\nmodel: demo neuron\n---\n## One\nText.\n"
    Path("mine.md").write_text(text)
    for options in ([], ["--worksheet"]):
        assert main(["export", "mine.md", "-o", f"{tmp_path}/mine.md", *options]) == 2
        assert "would be written over what it is made from" in capsys.readouterr().err
    assert Path("mine.md").read_text() == text
    assert main(["export", "mine.md", "-o", "handout.md"]) == 0


def test_lists_are_lists_and_code_is_code() -> None:
    head = "---\ntitle: x\nmodel: demo neuron\n---\n## One\n"
    text = "Say `nn.Linear(2, 1)` twice.\n\n1. first\n2. then\n\n- a `b`\n- c\n\n```python\nif x:\n    y < 1\n```\n"
    lesson = parse_lesson(head + text)
    page = lesson_text(lesson, ".html")
    assert "<p>Say <code>nn.Linear(2, 1)</code> twice.</p>" in page
    assert "<ol><li>first</li><li>then</li></ol>\n<ul><li>a <code>b</code></li><li>c</li></ul>" in page
    assert "<pre><code>if x:\n    y &lt; 1</code></pre>" in page
    markdown = lesson_text(lesson, ".md")
    assert "1. first\n2. then\n\n- a `b`\n- c\n\n```\nif x:\n    y < 1\n```" in markdown


def test_the_text_comes_before_the_tensors_and_a_crash_before_both() -> None:
    page = lesson_text(open_lesson("full_model"), ".html")
    part = page[page.index('id="page-3"') : page.index('id="page-4"')]
    assert part.index("<p>") < part.index('class="tensors"')
    assert "<li>The forward stopped here.</li>" in page
