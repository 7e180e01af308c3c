"""Pages as one HTML file that needs nothing else: the walk with next and back, real tables, keyboard, print."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from neurontui.exporting.style import SCRIPT, STYLE
from neurontui.exporting.tables import Block, Cell, Page, PageTable, Part
from neurontui.lessons.words import ENGLISH, Words

# Nothing may be fetched, from anywhere: the page says so to the browser itself.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def write_html(pages: tuple[Page, ...], title: str, key: tuple[tuple[int, str], ...] = (), words: Words = ENGLISH) -> str:
    """The walk as one offline page: a list of the steps, a section a step, and the key of a worksheet."""

    def say(sentence: str) -> str:
        return escape(words(sentence), quote=True)

    unit = pages[0].unit if pages else "step"
    sections = (_section(page, say(f"{page.unit} {number} of {len(pages)}")) for number, page in enumerate(pages, 1))
    items = "".join(f"<li>{escape(answer)}</li>" for _, answer in key)
    answers = f'<section id="key" class="key" data-number="{say("Key")}"><h2>{say("Key")}</h2><ol>{items}</ol></section>' if key else ""
    to_key = f'<li><a href="#key">{say("Key")}</a></li>' if key else ""
    body = "\n".join(sections)
    return f"""<!doctype html>
<html lang="{escape(words.language, quote=True)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body{' class="worksheet"' if key else ""}>
<a class="skip" href="#walk">{say(f"Skip to the {unit}")}</a>
<header>
<h1>{escape(title)}</h1>
<nav class="walker" aria-label="{say("Walk")}" hidden>
<button type="button" id="back" aria-keyshortcuts="ArrowLeft">‹ {say("back")}</button>
<output id="where" aria-live="polite"></output>
<button type="button" id="next" aria-keyshortcuts="ArrowRight">{say("next")} ›</button>
<button type="button" id="all" aria-pressed="false">{say(f"all {unit}s")}</button>
</nav>
</header>
<div class="columns">
<nav class="steps" aria-label="{say(f"{unit}s".capitalize())}"><ol>
{_contents(pages)}
{to_key}
</ol></nav>
<main id="walk" tabindex="-1">
{body}
{answers}
</main>
</div>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _contents(pages: tuple[Page, ...]) -> str:
    lines = []
    for page in pages:
        name = page.title.rsplit(" › ", 1)[-1]
        mark = '<span class="failed">✗ stopped here </span>' if page.failed else ""
        shapes = f' <span class="quiet">{escape(page.shapes)}</span>' if page.shapes else ""
        lines.append(f'<li class="depth-{min(page.depth, 6)}"><a href="#{page.anchor}">{mark}{escape(name)}{shapes}</a></li>')
    return "\n".join(lines)


def _section(page: Page, number: str) -> str:
    facts = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(words)}</dd></div>" for name, words in page.facts)
    parts = "\n".join(_beside(parts) if tensors else "\n".join(map(_part, parts)) for tensors, parts in groupby(page.parts, _is_tensor))
    failed, sign = (" failed", "✗ ") if page.failed else ("", "")
    shapes = f' <span class="quiet">{escape(page.shapes)}</span>' if page.shapes else ""
    return f"""<section id="{page.anchor}" class="step{failed}" aria-labelledby="{page.anchor}-title" data-number="{number}">
<h2 id="{page.anchor}-title" tabindex="-1">{sign}{escape(page.title)}{shapes}</h2>
{f"<dl>{facts}</dl>" if facts else ""}
{parts}
</section>"""


def _is_tensor(part: Part) -> bool:
    return isinstance(part, PageTable) and part.kind == "tensor"


def _beside(sheets: Iterable[Part]) -> str:
    """Tensors that follow one another, beside one another."""
    return f'<div class="tensors">{"".join(map(_part, sheets))}</div>'


def _part(part: Part) -> str:
    """A table, a list, code, a heading, or a sentence with code in it."""
    if isinstance(part, PageTable):
        return _table(part)
    if isinstance(part, Block):
        return _block(part)
    level, _, words = part.partition(" ")
    if level in ("#", "##"):
        tag = "h3" if level == "#" else "h4"
        return f"<{tag}>{escape(words)}</{tag}>"
    return f"<p>{_inline(part)}</p>"


def _block(block: Block) -> str:
    if block.kind == "code":
        return f"<pre><code>{escape(chr(10).join(block.lines))}</code></pre>"
    tag = "ol" if block.kind == "numbers" else "ul"
    return f"<{tag}>{''.join(f'<li>{_inline(line)}</li>' for line in block.lines)}</{tag}>"


def _inline(words: str) -> str:
    """A sentence, what stands between backquotes as code."""
    parts = words.split("`")
    if len(parts) % 2 == 0:  # one that has no end is itself
        return escape(words)
    return "".join(f"<code>{escape(part)}</code>" if place % 2 else escape(part) for place, part in enumerate(parts))


def _table(sheet: PageTable) -> str:
    heads = "".join(_head(cell, "col") for cell in sheet.heads)
    rows = "".join(f"<tr>{''.join(_cell(cell, sheet.scale) for cell in row)}</tr>" for row in sheet.rows)
    head = f"<thead><tr>{heads}</tr></thead>" if heads else ""
    table = f'<table class="{sheet.kind}"><caption>{escape(sheet.caption)}</caption>{head}<tbody>{rows}</tbody></table>'
    return f'<div class="scroll" role="group" aria-label="{escape(sheet.caption, quote=True)}" tabindex="0">{table}</div>'


def _head(cell: Cell, scope: str) -> str:
    """A head; where it says nothing it is an empty cell, which a screen reader passes over."""
    return f'<th scope="{scope}"{_role(cell)}>{escape(cell.text)}</th>' if cell.text else "<td></td>"


def _cell(cell: Cell, scale: float) -> str:
    if cell.header:
        return _head(cell, "row")
    if cell.answer and cell.text.startswith("("):
        return f'<td class="blank"><span class="number">{escape(cell.text)}</span></td>'
    return f"<td{_role(cell)}{_tint(cell, scale)}>{escape(cell.text)}</td>"


def _role(cell: Cell) -> str:
    return f' class="{cell.role}"' if cell.role else ""


def _tint(cell: Cell, scale: float) -> str:
    """The quiet background of a number: blue below zero, orange above."""
    if cell.number is None or not scale or cell.number != cell.number or not cell.number:
        return ""
    share = min(abs(cell.number) / scale, 1.0)
    color = "91 141 239" if cell.number < 0 else "230 159 0"
    return f' style="background: rgb({color} / {0.4 * share:.2f})"'
