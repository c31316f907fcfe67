"""A description as HTML: no script, no request, light and dark by the page's own colours."""

from base64 import b64encode
from html import escape
from typing import Any

import numpy as np

from isocortex.choice import counted
from isocortex.display.card import Card, Rows

LONGEST, LONGEST_FACT = 60, 160
"""Letters of one entry of a table, and of a fact; the rest is cut off."""

STYLE = """
.iscx-text{display:none}
.iscx-card{display:block!important;background:transparent;color:inherit;max-width:46em;
border:1px solid color-mix(in srgb,currentColor 20%,transparent);border-radius:6px;
padding:.6em .9em;margin:.3em 0;font:13px/1.45 system-ui,sans-serif;text-align:left}
.iscx-card .iscx-head{margin:0 0 .4em}
.iscx-card .iscx-head b{font-size:1.1em;margin-right:.6em}
.iscx-card .iscx-body{display:flex;flex-wrap:wrap;gap:.6em 1.2em;align-items:flex-start}
.iscx-card .iscx-facts{flex:1 1 18em;min-width:0;margin:0}
.iscx-card .iscx-fact{display:flex;gap:.8em;margin:0;overflow-wrap:anywhere}
.iscx-card .iscx-fact span:first-child{flex:0 0 9em;opacity:.75}
.iscx-card figure{margin:0;max-width:100%}
.iscx-card img{display:block;max-width:100%;height:auto;background:#fff;border-radius:4px;margin:0}
.iscx-card figcaption{font-size:.9em;color:inherit!important;opacity:.85;margin:.2em 0 0;
max-width:22em}
.iscx-card details{margin:.35em 0 0}
.iscx-card summary{cursor:pointer}
.iscx-card .iscx-wide{overflow-x:auto;max-width:100%}
.iscx-card table{border-collapse:collapse;border:0;margin:.2em 0;background:transparent;
color:inherit;font-size:.95em;width:auto;display:table}
.iscx-card table tr{background:transparent!important}
.iscx-card th,.iscx-card td{text-align:left;padding:.1em .9em .1em 0;border:0;
border-bottom:1px solid color-mix(in srgb,currentColor 12%,transparent);white-space:nowrap;
color:inherit;background:transparent}
.iscx-card th{font-weight:600}
.iscx-card .iscx-more{opacity:.75;margin:0}
"""


def html_of(card: Card, text: str) -> str:
    """The card as HTML, with ``text`` where a page shows no styles."""
    facts = "".join(
        f'<p class="iscx-fact"><span>{_text(name)}</span>'
        f"<span>{_text(value, LONGEST_FACT)}</span></p>"
        for name, value in card.facts.items()
    )
    body = f'<div class="iscx-facts">{facts}</div>' if facts else ""
    body = f"{_figure(card)}{body}"
    rows = "".join(map(_rows, card.rows))
    return (
        f"<div><style>{STYLE}</style>"
        f'<pre class="iscx-text">{escape(text)}</pre>'
        # Hidden where styles are stripped, as in notebooks that are not trusted.
        f'<div class="iscx-card" style="display:none">'
        f'<div class="iscx-head"><b>{_text(card.kind)}</b><span>{escape(card.what)}</span></div>'
        f'<div class="iscx-body">{body}</div>{rows}</div></div>'
    )


def _figure(card: Card) -> str:
    if card.picture is None:
        return ""
    data = b64encode(card.picture.png()).decode()
    caption = card.picture.caption
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    alt = escape(card.picture.alt)
    return f'<figure><img src="data:image/png;base64,{data}" alt="{alt}">{below}</figure>'


def _rows(rows: Rows) -> str:
    if not rows.columns:
        return ""
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in rows.columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows.cells
    )
    beyond = [
        counted(more, f"further {what}")
        for more, what in (
            (rows.n_rows - len(rows.cells), "row"),
            (rows.n_columns - len(rows.columns), "column"),
        )
        if more > 0
    ]
    more = f'<p class="iscx-more">{" and ".join(beyond)}</p>' if beyond else ""
    return (
        f"<details><summary>{escape(counted(rows.n_rows, rows.title))}</summary>"
        f'<div class="iscx-wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{more}</details>"
    )


def _text(value: Any, most: int = LONGEST) -> str:
    """Any value as one short piece of HTML."""
    said = in_words(value)
    return escape(said if len(said) <= most else f"{said[: most - 1]}…")


def in_words(value: Any) -> str:
    """A value as people write it: four digits, no quotes, no type names."""
    if value is None or (isinstance(value, str | list | tuple) and not len(value)):
        return "none"
    if isinstance(value, float | np.floating):
        return "missing" if np.isnan(value) else f"{value:.4g}"
    if isinstance(value, list | tuple | set | frozenset | range):
        first = ", ".join(in_words(each) for each in list(value)[:8])
        return f"{first}, …" if len(value) > 8 else first
    if isinstance(value, dict):
        return ", ".join(f"{in_words(key)}: {in_words(each)}" for key, each in value.items())
    return str(value)
