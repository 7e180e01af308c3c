"""The tables of torch's and Python's words: each row is said by a call that fails, and read as it should be, live and from a file."""

from __future__ import annotations

from pathlib import Path

import pytest
import words_layers
import words_python
import words_shapes
import words_values
import words_writes
from failing import check_case, wordings_without_case

from neurontui.explainers.failures.words.layers import LAYERS
from neurontui.explainers.failures.words.python import PYTHON
from neurontui.explainers.failures.words.shapes import SHAPES
from neurontui.explainers.failures.words.values import VALUES
from neurontui.explainers.failures.words.wording import Wording
from neurontui.explainers.failures.words.writes import WRITES

TABLES = {
    "layers": (LAYERS, words_layers.CASES),
    "python": (PYTHON, words_python.CASES),
    "shapes": (SHAPES, words_shapes.CASES),
    "values": (VALUES, words_values.CASES),
    "writes": (WRITES, words_writes.CASES),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("table", "what"), [(table, what) for table, (_, cases) in TABLES.items() for what in cases])
def test_the_sentence(table: str, what: str, tmp_path: Path) -> None:
    check_case(TABLES[table][1][what], tmp_path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("table", TABLES)
def test_every_wording_is_said(table: str) -> None:
    rows: tuple[Wording, ...] = TABLES[table][0]
    assert wordings_without_case(rows, TABLES[table][1]) == []
