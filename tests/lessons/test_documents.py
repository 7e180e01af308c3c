"""Lesson files: what is read from them, and how a mistake in one is told: by file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurontui.errors import LessonError
from neurontui.lessons.document import Lesson, parse_lesson
from neurontui.lessons.models import foreign_models, is_demo, make_request

Make = Callable[..., Lesson]

WHOLE = """---
title: One neuron  # a comment
model: demo neuron
input: [3, 5]
input: mask=[1, 1]
seed: 3
mode: eval
minutes: 6
---

## First

A paragraph
of two lines.

- an item
  that goes on
1. another

```python
nn.Linear(2, 1)  # ## no heading
```

```neurontui
# a comment
goto ./linear
predict value
```

```neurontui try
set weight[0, 1] = 2
```

> Question: What does it give?
> Hint: Add the bias.
> It is the last term.
> Hint: A second one.
> Wrong bias: One term is left.
> Right: Well done.
> Note: For the speaker.

## Second

Text.
"""


def test_all_that_a_lesson_may_have() -> None:
    lesson = parse_lesson(WHOLE, "x.md")
    assert (lesson.title, lesson.model, lesson.inputs, lesson.seed, lesson.training, lesson.minutes) == (
        "One neuron", "demo neuron", ("[3, 5]", "mask=[1, 1]"), 3, False, 6,
    )  # fmt: skip
    first, second = lesson.pages
    assert [(part.kind, [line.text for line in part.lines]) for part in first.parts] == [
        ("text", ["A paragraph", "of two lines."]),
        ("item", ["an item", "that goes on"]),
        ("item", ["another"]),
        ("code", ["nn.Linear(2, 1)  # ## no heading"]),
    ]
    assert [line.text for line in first.commands] == ["goto ./linear"]
    assert first.asks is not None
    assert (first.asks.text, first.asks.number) == ("value", 27)
    assert [line.text for line in first.tries] == ["set weight[0, 1] = 2"]
    assert [[line.text for line in hint.lines] for hint in first.hints] == [["Add the bias.", "It is the last term."], ["A second one."]]
    assert list(first.wrong) == ["bias"]
    assert (second.title.text, second.title.number, second.asks) == ("Second", 42, None)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Hello", 1, "front matter"),
        ("---\ntitle: x\n", 1, "no end"),
        ("---\ntitle x\n---\n", 2, "key: value"),
        ("---\ntitel: x\n---\n", 2, "did you mean 'title'"),
        ("---\ntitle: x\ntitle: y\n---\n", 3, "twice"),
        ("---\ntitle: x\nmodel: demo neuron\nseed: one\n---\n## A\n", 4, "whole number"),
        ("---\ntitle: x\nmodel: demo neuron\nmode: evil\n---\n## A\n", 4, "did you mean 'eval'"),
        ("---\nmodel: demo neuron\n---\n## A\n", 1, "title"),
        ("---\ntitle: x\nmodel: demo neuron\n---\n", 4, "at least one page"),
        ("---\ntitle: x\nmodel: demo neuron\n---\nstray\n## A\n", 5, "before the first"),
        ("---\ntitle: x\nmodel: demo neuron\n---\n## A\n```neurontui\nnext\n", 6, "no end"),
        ("---\ntitle: x\nmodel: demo neuron\n---\n## A\n```neurontui later\nnext\n```\n", 6, "neurontui try"),
        ("---\ntitle: x\nmodel: demo neuron\n---\n## A\n### B\n", 6, "heading"),
        ("---\ntitle: x\nmodel: demo neuron\n---\n## A\n> Hello\n", 6, "begins with Note:"),
        ("---\ntitle: x\nmodel: demo neuron\n---\n## A\n> Hint: no question\n", 6, "no `predict`"),
        ("---\ntitle: x\nmodel: demo neuron\n---\n## A\n> Wrong: nameless\n", 6, "Wrong NAME"),
        ("---\ntitle: x\nmodel: demo neuron\n---\n## A\n```neurontui\npredict value\nnext\n```\n", 7, "last command"),
        ("---\ntitle: x\nmodel: demo neuron\n---\n## A\n```neurontui\npredict choice\n```\n", 7, "belong together"),
    ],
)
def test_a_mistake_is_told_by_file_and_line(text: str, line: int, words: str) -> None:
    with pytest.raises(LessonError) as refused:
        parse_lesson(text, "bad.md")
    assert str(refused.value).startswith(f"bad.md:{line}: ")
    assert words in str(refused.value)


@given(st.text(alphabet="-#`>\n :ab1{}[]\x1b", max_size=200))
def test_any_text_is_a_lesson_or_is_refused_in_one_line(text: str) -> None:
    refusal = ""
    try:
        parse_lesson(f"---\ntitle: x\nmodel: demo neuron\n---\n## A\n{text}", "any.md")
    except LessonError as refused:
        refusal = str(refused)
    assert not refusal or refusal.startswith("any.md:")
    assert not {"\n", "\x1b"} & set(refusal)


def test_only_what_ships_runs_without_a_yes(make_lesson: Make, tmp_path: Path) -> None:
    page = "```neurontui\nmodel other.py:NET\nmodel flatten:batch\n```"
    lesson = make_lesson(page, head="---\ntitle: x\nmodel: nets/net.py\n---\n", file=f"{tmp_path}/a.md")
    with pytest.raises(LessonError, match=r"a\.md:3: there is no file .*nets/net\.py"):
        foreign_models(lesson)
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "net.py").touch()
    with pytest.raises(LessonError, match=r"a\.md:8: there is no file .*other\.py"):
        foreign_models(lesson)
    (tmp_path / "other.py").touch()
    assert foreign_models(lesson) == (f"{tmp_path}/nets/net.py", f"{tmp_path}/other.py:NET")
    assert foreign_models(make_lesson("text")) == ()
    assert is_demo("flatten:batch")
    assert is_demo("demo neuron")
    assert not is_demo("net.py")


def test_seed_and_mode_are_those_of_the_lessons_own_model() -> None:
    lesson = parse_lesson(WHOLE, "x.md")
    own, other = make_request(lesson, "demo neuron"), make_request(lesson, "dropout")
    assert (own.reference, own.demo, own.seed, own.training) == ("neuron", True, 3, False)
    assert (other.reference, other.demo, other.seed, other.training) == ("dropout", True, None, None)
