"""A document in, one HTML file out that opens without a network: everything it needs is in it.

Names and texts are somebody's data: they are escaped, and a policy in the file forbids it to ask for anything.
"""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from workbench.exhibits.cells import cell
from workbench.exhibits.document import Document
from workbench.exhibits.exhibit import Exhibit

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1d21; --quiet: #595f69; --line: #d5d9df; --link: #00588a }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0e1117; --ink: #f2f4f7; --quiet: #a9b0bb; --line: #3a404b; --link: #7cc7f2 }
}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem; max-width: 72rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { line-height: 1.2 } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line) } h3 { margin: 2rem 0 .25rem }
a { color: var(--link) }
p { margin: .25rem 0 .75rem; max-width: 60rem } .quiet { color: var(--quiet); font-size: .875rem }
.table { overflow: auto; max-height: 32rem; border: 1px solid var(--line) }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; overflow-wrap: normal }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
th { background: var(--paper); position: sticky; top: 0 } td.number { text-align: right; white-space: nowrap }
.figure { margin-bottom: .75rem }
button { font: inherit; padding: .25rem 1rem; color: var(--ink);
  background: var(--paper); border: 1px solid var(--quiet) }
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --quiet: #444; --line: #bbb; --link: #000 }
  body { max-width: none; padding: 0; font-size: 11px } nav, button { display: none }
  .table { max-height: none; overflow: visible; border: 0 } th { position: static } table { font-size: 9px }
  h2 { break-before: page } nav + h2 { break-before: auto }
  h3, .figure { break-after: avoid } tr { break-inside: avoid }
}
"""

_DRAW = """
const ink = () => getComputedStyle(document.documentElement).getPropertyValue("--quiet").trim();
const redraw = () => {
  for (const drawn of document.querySelectorAll(".js-plotly-plot")) {
    Plotly.relayout(drawn, {"font.color": ink()});
    Plotly.Plots.resize(drawn);
  }
};
for (const place of document.querySelectorAll("script[type='application/json']")) {
  const figure = JSON.parse(place.textContent);
  figure.layout.font = {...figure.layout.font, color: ink()};
  Plotly.newPlot(place.previousElementSibling, figure.data, figure.layout, {responsive: true, displayModeBar: false});
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
addEventListener("beforeprint", redraw);
addEventListener("afterprint", redraw);
"""


def to_html(document: Document) -> str:
    """The whole file, as text; 5 MB where it has a figure, because plotly.js is in it, once."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    figures = any(exhibit.figure is not None for section in document.sections for exhibit in section.exhibits)
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(document.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(document.title)}</h1>
<p class="quiet">{escape(document.made)}</p>
<p><button type="button" onclick="print()">Print</button></p>
<nav aria-label="Contents"><ul>"""
    numbered = [
        (section, [(f"{place}-{number}", exhibit) for number, exhibit in enumerate(section.exhibits)])
        for place, section in enumerate(document.sections)
    ]
    for section, exhibits in numbered:
        yield f"<li>{escape(section.title)}<ul>"
        yield from (f'<li><a href="#e{name}">{escape(exhibit.title)}</a></li>' for name, exhibit in exhibits)
        yield "</ul></li>"
    yield "</ul></nav>"
    for section, exhibits in numbered:
        yield f"<h2>{escape(section.title)}</h2>"
        for name, exhibit in exhibits:
            yield from _exhibit(f"e{name}", exhibit)
    yield "</main>"
    if figures:
        from plotly.offline import get_plotlyjs

        yield f"<script>{get_plotlyjs()}</script>\n<script>{_DRAW}</script>"
    yield "</body>\n</html>"


def _exhibit(name: str, exhibit: Exhibit) -> Iterator[str]:
    yield f'<section aria-labelledby="{name}">\n<h3 id="{name}">{escape(exhibit.title)}</h3>'
    yield f"<p>{escape(exhibit.says)}</p>"
    if exhibit.figure is not None:
        # Nothing in the figure can end the element that holds it.
        content = exhibit.figure.to_json().replace("<", "\\u003c")
        height = json.loads(content)["layout"].get("height", 360)
        yield f'<div class="figure" role="img" aria-label="{escape(exhibit.title)}" style="height: {height:g}px"></div>'
        yield f'<script type="application/json">{content}</script>'
    yield from _table(exhibit)
    yield from (f'<p class="quiet">{escape(note)}</p>' for note in exhibit.notes)
    yield f'<p class="quiet">Source: {escape(exhibit.source)}</p>\n</section>'


def _table(exhibit: Exhibit) -> Iterator[str]:
    names = exhibit.headings
    if not names:
        return
    yield f'<div class="table" role="region" tabindex="0" aria-label="Table: {escape(exhibit.title)}"><table>\n<tr>'
    yield "".join(f'<th scope="col">{escape(name)}</th>' for name in names) + "</tr>"
    for row in exhibit.table:
        yield "<tr>" + "".join(_cell(row.get(name)) for name in names) + "</tr>"
    yield "</table></div>"


def _cell(value: Any) -> str:
    words = escape(cell(value))
    return f"<td>{words}</td>" if isinstance(value, str | bool) else f'<td class="number">{words}</td>'
