"""Pages of the rehearsal of UN Web TV, with the marks by which the real ones are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Row:
    """A row of a schedule; `length` is HH:MM:SS of a meeting that is over."""

    leaf: str
    title: str
    category: str
    time: str
    live: bool
    length: str | None
    entry_id: str


def schedule(day: str, live: Sequence[Row], rows: Sequence[Row]) -> str:
    """Return the page of a day: what is live comes first, and again in its place."""
    now = f'<section class="live-now"><h2>Live Now</h2>{"".join(map(_row, live))}</section>' if live else ""
    return f"""<!doctype html>
<html lang="en"><head><title>Schedule | UN Web TV</title><script>var rows = "<div class='un3-card-row-video'>";</script>
</head><body><nav><a href="/en/schedule/{day}">{day}</a></nav>{now}<section>{"".join(map(_row, rows))}</section>
</body></html>"""


def _row(row: Row) -> str:
    badge = f'<span class="badge badge-dark">{row.length}</span>' if row.length else ""
    if row.live:
        badge = '<div class="card-img-overlay"><span class="badge badge-danger text-uppercase"> Live </span></div>'
    return f"""
<div class="d-none mediaun-timezone" data-nid="{row.leaf}">{row.time}</div>
<div class="row un3-card-row-video">
  <div class="col-3">
    <img src="https://cfvod.kaltura.com/p/2503451/thumbnail/entry_id/{row.entry_id}/width/320">{badge}</div>
  <div class="col-6"><h6 class="text-primary">{escape(row.category)}</h6>
    <h4><a href="/en/asset/{row.leaf[:3]}/{row.leaf}"><div class="field__item">{escape(row.title)}</div></a></h4></div>
  <div class="col-3">As scheduled</div>
</div>"""


def asset(title: str, time: str, summary: str, category: str, *, labels: bool) -> str:
    """Return the page of a meeting."""
    items = "".join(f'<div class="field__item">{escape(each)}</div>' for each in (category,) if each)
    fields = f"""
<div class="field"><div class="h4 field__label">Summary</div><div class="smt-content">{summary}</div></div>
<div class="field"><div class="h4 field__label">Related Sites and Documents</div>
  <div class="smt-content"><ul><li><a href="https://docs.un.org/en/A/75/1">Concept note</a></li></ul></div></div>
<div class="field"><div class="small text-muted field__label">Categories</div>
  <div class="field__items">{items}</div></div>
<div class="field"><div class="small text-muted field__label">Subject Topical</div>
  <div class="field__items"><div class="field__item">HUMAN RIGHTS</div></div></div>"""
    return f"""<!doctype html>
<html lang="en"><head><title>{escape(title)}</title></head><body><h1>{escape(title)}</h1>
<div class="d-none mediaun-timezone" data-nid="1">{time}</div>{fields if labels else ""}</body></html>"""
