"""Predict, then reveal: questions made from a recorded run, and what is wrong with a wrong answer."""

from __future__ import annotations

from neurontui.lessons.questions.choices import ask_choice
from neurontui.lessons.questions.judging import expected, judge
from neurontui.lessons.questions.making import KINDS, make_question, place_key
from neurontui.lessons.questions.question import Mistake, Question, Verdict

__all__ = ["KINDS", "Mistake", "Question", "Verdict", "ask_choice", "expected", "judge", "make_question", "place_key"]
