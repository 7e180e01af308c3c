"""Handouts: the numbers of the course in real tables, worksheets that give nothing away, pages that fetch and run nothing foreign."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch
from torch import nn

import neurontui
from neurontui.errors import NeuronTUIError
from neurontui.exporting import export_trace, trace_text
from neurontui.exporting.lessons import lesson_text
from neurontui.exporting.markdown import code, escape
from neurontui.exporting.pages import make_pages
from neurontui.exporting.tables import PageTable, blank
from neurontui.lessons.library import open_lesson
from neurontui.records import Trace

VOID = {"meta", "link", "br", "input", "img", "hr"}


class Outline(HTMLParser):
    """Checks that tags are balanced, and collects what a reader would meet."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.texts.append(data)


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert not parser.open
    return parser


def test_the_page_of_the_full_model(full_model: Trace) -> None:
    page = outline(trace_text(full_model, ".html", title="full_model"))
    texts = [text.strip() for text in page.texts]
    assert "Why is output[0, 0] = 0.3014?" in texts
    assert "-0.3914" in texts
    assert "they agree, exact" in " ".join(texts)
    assert "neurontui_model" not in " ".join(texts), "the user's file is called as it is"
    names = [tag for tag, _ in page.tags]
    assert names.count("section") == len(full_model.steps)
    assert names.count("table") == names.count("caption")
    scopes = {given.get("scope") for tag, given in page.tags if tag == "th"}
    assert scopes == {"row", "col"}
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    links = {(given["href"] or "").lstrip("#") for tag, given in page.tags if tag == "a"}
    assert links <= set(ids)


def test_it_fetches_nothing(full_model: Trace) -> None:
    text = trace_text(full_model, ".html")
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:)([^"']+)|url\((?!#|["']?#)([^)]*)\)|@import""", text)
    assert "default-src 'none'" in text


def test_hostile_names_are_text_everywhere(evil: Trace) -> None:
    page = trace_text(evil, ".html", title="<b>t</b>")
    assert page.count("<script>") == 1
    assert "alert(1)" in page
    outline(page)
    markdown = trace_text(evil, ".md", title="a|b")
    assert "<script" not in markdown
    assert not re.search(r"(?<!\\)\]\(http", markdown)
    for text in (page, markdown):
        assert not [char for char in text if ord(char) < 32 and char != "\n"]
        assert "\u202e" not in text


def test_markdown_is_escaped_and_tables_are_whole(full_model: Trace) -> None:
    text = trace_text(full_model, ".md", title="full_model")
    assert "| **neuron 0** |" in text
    assert "0.3014" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    widths = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
    heads = [place for place, row in enumerate(rows) if set(row) <= set("|-: ") and "-" in row]
    assert heads
    assert all(widths[place] == widths[place - 1] for place in heads)
    assert escape("a|b_[x](y) <i>") == "a\\|b\\_\\[x\\](y) &lt;i>"
    assert code("a`b") == "``a`b``"


def test_a_worksheet_gives_nothing_away(full_model: Trace) -> None:
    pages, key = blank(make_pages(full_model, worksheet=True))
    answers = [answer for _, answer in key]
    assert "0.3014" in answers
    assert "-0.3914" in answers
    assert [number for number, _ in key] == list(range(1, len(key) + 1))
    shown = "\n".join(
        cell.text for page in pages for part in page.parts if isinstance(part, PageTable) for row in part.rows for cell in row
    )
    prose = "\n".join(part for page in pages for part in page.parts if isinstance(part, str))
    for secret in ("0.3014", "-2.6514", "1.3005", "-0.8323"):
        assert secret in answers
        assert secret not in shown
        assert secret not in prose
    assert "0.2682" in shown, "weights are given"
    text = trace_text(full_model, ".html", worksheet=True)
    assert text.index('id="key"') > text.rindex('class="step"')
    assert "0.3014" not in text[: text.index('id="key"')]


def test_a_number_that_appears_twice_is_one_question(full_model: Trace) -> None:
    _, key = blank(make_pages(full_model, worksheet=True))
    assert [answer for _, answer in key].count("0.3014") <= 2  # the output, and the last running sum that leads to it


def test_the_page_of_a_crash(crash: Trace) -> None:
    text = trace_text(crash, ".html")
    assert "Why did it stop?" in text
    assert "mat1 and mat2 shapes cannot be multiplied" in text
    assert 'class="step failed"' in text
    assert "The forward stopped inside this step" in text


def test_files_and_endings(full_model: Trace, tmp_path: Path) -> None:
    export_trace(full_model, tmp_path / "x.MD")
    assert (tmp_path / "x.MD").read_text("utf-8").startswith("# ")
    with pytest.raises(NeuronTUIError, match="no ending of an export"):
        export_trace(full_model, tmp_path / "x.docx")
    with pytest.raises(NeuronTUIError, match="worksheet is a page"):
        export_trace(full_model, tmp_path / "x.json", worksheet=True)
    with pytest.raises(NeuronTUIError, match="cannot be written"):
        export_trace(full_model, tmp_path / "nowhere" / "x.md")


WATCHER = """<script>
var seen = [];
window.addEventListener("error", function (event) { seen.push("error " + event.message); });
document.addEventListener("securitypolicyviolation", function (event) { seen.push("blocked " + event.blockedURI); });
</script>"""
DRIVER = """<script>
window.addEventListener("load", function () { setTimeout(function () {
  function here() { var all = document.querySelectorAll("section.here"); return all.length === 1 ? all[0].id : "many"; }
  function press(key) { document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: key, bubbles: true})); }
  function visible() {
    return Array.prototype.filter.call(document.querySelectorAll("section"), function (s) { return s.offsetHeight; }).length;
  }
  seen.push(here());
  document.getElementById("next").click(); seen.push(here());
  press("ArrowRight"); seen.push(here());
  document.getElementById("back").click(); seen.push(here(), "visible " + visible());
  press("End"); seen.push(document.getElementById("next").disabled, document.getElementById("where").textContent);
  press("Home"); seen.push(here(), document.getElementById("where").textContent);
  document.getElementById("all").click(); seen.push("visible " + visible());
  seen.push("focus " + document.activeElement.tagName, "fetched " + performance.getEntriesByType("resource").length);
  seen.push(document.documentElement.scrollWidth > window.innerWidth ? "too wide" : "fits");
  document.title = seen.join("; ");
}, 200); });
</script>"""


def step_in_a_browser(page: str, folder: Path, size: str) -> list[str]:
    """What DRIVER saw of a page in Chromium, in a window of this size."""
    file = folder / "page.html"
    file.write_text(page.replace("<head>", "<head>" + WATCHER, 1).replace("</body>", DRIVER + "</body>"), "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", f"--window-size={size}"]
    command = ["chromium", *options, "--virtual-time-budget=4000", "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    found = re.search(r"<title>(.*?)</title>", done.stdout)
    assert found
    return found[1].split("; ")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
@pytest.mark.parametrize("size", ["1280,900", "500,900"])
def test_it_steps_in_a_browser(full_model: Trace, tmp_path: Path, size: str) -> None:
    page = trace_text(full_model, ".html", title="full_model")
    count = len(full_model.steps)
    walked = ["step-0", "step-1", "step-2", "step-1", "visible 1", "true", f"step {count} of {count}", "step-0", f"step 1 of {count}"]
    assert step_in_a_browser(page, tmp_path, size) == [*walked, f"visible {count}", "focus H2", "fetched 0", "fits"]


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
def test_long_names_fit_on_a_phone(tmp_path: Path) -> None:
    model = nn.Sequential()
    model.add_module("a" * 90, nn.ReLU())
    page = trace_text(neurontui.trace(model, torch.ones(2)), ".html", title="b" * 90)
    assert step_in_a_browser(page, tmp_path, "500,900")[-1] == "fits"


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
def test_a_worksheet_in_another_language_steps_in_a_browser(tmp_path: Path) -> None:
    page = lesson_text(open_lesson("neuron.de"), ".html", worksheet=True)
    walked = ["page-1", "page-2", "page-3", "page-2", "visible 1", "true", "Lösungen", "page-1", "Seite 1 von 9"]
    assert step_in_a_browser(page, tmp_path, "500,900") == [*walked, "visible 10", "focus H2", "fetched 0", "fits"]
