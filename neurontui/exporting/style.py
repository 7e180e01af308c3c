"""The handout's style sheet and script."""

from __future__ import annotations

from neurontui.rendering.palette import DARK, LIGHT, ROLES, Palette


def _variables(palette: Palette) -> str:
    names = (*ROLES, "text", "dim", "accent", "wrong", "good", "ground", "border", "current")
    return " ".join(f"--{name}: {getattr(palette, name)};" for name in names)


STYLE = (
    f"""
:root {{ {_variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
"""
    + """
* { box-sizing: border-box; }
html { scroll-padding-top: 5em; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; }
code, table, dd, .steps, output { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 0.92em; }
header { display: flex; flex-wrap: wrap; gap: 1em; align-items: center; justify-content: space-between;
  padding: 0.6em 1.2em; border-bottom: 1px solid var(--border); position: sticky; top: 0; background: var(--ground); z-index: 1; }
h1 { font-size: 1.15em; margin: 0; }
h2 { font-size: 1.3em; margin: 0 0 0.5em; } h3 { font-size: 1.05em; margin: 1.6em 0 0.3em; } h4 { margin: 1em 0 0.2em; }
h2:focus { outline: none; }
.columns { display: grid; grid-template-columns: minmax(14em, 22em) 1fr; }
.steps { border-right: 1px solid var(--border); padding: 0.8em 0; position: sticky; top: 3.6em;
  max-height: calc(100vh - 3.6em); overflow: auto; }
.steps ol { list-style: none; margin: 0; padding: 0; }
.steps a { display: block; padding: 0.15em 1em; color: inherit; text-decoration: none; white-space: pre; }
.steps a:hover, .steps a[aria-current] { background: var(--current); }
.depth-1 a { padding-left: 2em; } .depth-2 a { padding-left: 3em; } .depth-3 a { padding-left: 4em; }
.depth-4 a { padding-left: 5em; } .depth-5 a { padding-left: 6em; } .depth-6 a { padding-left: 7em; }
main { padding: 1.2em 1.6em 4em; min-width: 0; }
main:focus { outline: none; }
section { margin-bottom: 3em; }
.alone section { display: none; } .alone section.here { display: block; }
dl { display: flex; flex-wrap: wrap; gap: 0.2em 1.6em; margin: 0 0 1em; } dl div { display: flex; gap: 0.5em; min-width: 0; }
dt, .quiet, caption { color: var(--dim); } dd { margin: 0; white-space: pre-wrap; } .quiet { font-weight: normal; }
.tensors { display: flex; flex-wrap: wrap; gap: 1em 2em; align-items: flex-start; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; overflow-wrap: normal; margin: 0.4em 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: 0.2em; white-space: nowrap; }
th, td { padding: 0.12em 0.7em; text-align: right; border: 1px solid var(--border); font-weight: normal; }
thead th { color: var(--dim); white-space: nowrap; } tbody th { text-align: left; color: var(--dim); white-space: nowrap; }
td.quiet { text-align: left; font-size: 0.9em; white-space: pre; }
table.computation thead th:first-child, table.computation thead th:last-child { text-align: left; }
.input { color: var(--input); } .weight { color: var(--weight); } .bias { color: var(--bias); } .buffer { color: var(--buffer); }
.output { color: var(--output); } table.tensor td { color: var(--text); } span.failed, section.failed > h2 { color: var(--wrong); }
.blank { min-width: 7em; text-align: left; } .blank .number { color: var(--dim); font-size: 0.8em; }
.key ol { columns: 4 10em; }
pre { overflow-x: auto; padding: 0.5em 0.8em; border: 1px solid var(--border); border-radius: 4px; }
li { margin: 0.15em 0; } p, section li { max-width: 44em; }
button { font: inherit; padding: 0.25em 0.9em; border: 1px solid var(--border); border-radius: 4px; background: none;
  color: var(--accent); cursor: pointer; }
button:disabled { color: var(--dim); cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.skip { position: absolute; left: -999em; } .skip:focus { left: 0.5em; top: 0.5em; background: var(--ground); z-index: 2; padding: 0.4em; }
@media (max-width: 50em) { .columns { grid-template-columns: 1fr; } .steps { position: static; max-height: 12em; border-right: 0; } }
@media print {
  @page { margin: 16mm; }
  :root { color-scheme: light; --text: #000; --dim: #444; --ground: #fff; --border: #999; }
  header { position: static; } .walker, .skip, .steps { display: none !important; } .columns { display: block; }
  .alone section, section { display: block !important; break-inside: auto; }
  h2, h3, caption { break-after: avoid; } tr { break-inside: avoid; }
  .key { break-before: page; } .scroll { overflow: visible; }
}
"""
)

SCRIPT = """
"use strict";
(function () {
  var sections = Array.prototype.slice.call(document.querySelectorAll("main > section"));
  var main = document.getElementById("walk"), walker = document.querySelector(".walker");
  var back = document.getElementById("back"), next = document.getElementById("next"), all = document.getElementById("all");
  var where = document.getElementById("where"), here = 0;
  walker.hidden = false;
  function show(place, focus) {
    here = Math.min(Math.max(place, 0), sections.length - 1);
    sections.forEach(function (section, number) { section.classList.toggle("here", number === here); });
    document.querySelectorAll(".steps a").forEach(function (link) {
      var is_here = link.getAttribute("href") === "#" + sections[here].id;
      link.toggleAttribute("aria-current", is_here);
      if (is_here) { link.setAttribute("aria-current", "step"); link.scrollIntoView({block: "nearest"}); }
    });
    where.textContent = sections[here].dataset.number;
    back.disabled = here === 0;
    next.disabled = here === sections.length - 1;
    var title = sections[here].querySelector("h2");
    if (!main.classList.contains("alone")) { sections[here].scrollIntoView(); } else { window.scrollTo(0, 0); }
    if (focus && title) { title.setAttribute("tabindex", "-1"); title.focus({preventScroll: true}); }
  }
  function move(by) { show(here + by, true); history.replaceState(null, "", "#" + sections[here].id); }
  function find() { return sections.findIndex(function (section) { return "#" + section.id === location.hash; }); }
  back.addEventListener("click", function () { move(-1); });
  next.addEventListener("click", function () { move(1); });
  all.addEventListener("click", function () {
    var alone = main.classList.toggle("alone");
    all.setAttribute("aria-pressed", String(!alone));
    show(here, false);
  });
  window.addEventListener("hashchange", function () { if (find() >= 0) { show(find(), true); } });
  document.addEventListener("keydown", function (event) {
    var target = event.target instanceof Element ? event.target : document.body, table = target.closest(".scroll");
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea")) { return; }
    if (table && table.scrollWidth > table.clientWidth) { return; }
    var by = {ArrowRight: 1, n: 1, ArrowLeft: -1, N: -1, Home: -sections.length, End: sections.length}[event.key];
    if (by) { move(by); event.preventDefault(); }
  });
  if (sections.length) { main.classList.add("alone"); show(Math.max(find(), 0), false); }
  window.addEventListener("load", function () { setTimeout(function () { window.scrollTo(0, 0); }, 0); });
}());
"""
