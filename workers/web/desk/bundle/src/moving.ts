// Going about in a meeting: from one intervention to another, into its text, to its details.

import { byId, tell } from "./dom";
import type { Workbench } from "./meeting";
import { t } from "./text";
import type { Row } from "./types";

function here(bench: Workbench): number {
  return bench.selected ? bench.list.index(bench.selected) : -1;
}

export function step(bench: Workbench, by: number): void {
  const { rows } = bench.list;
  const row = rows[Math.max(0, Math.min(rows.length - 1, here(bench) + by))];
  if (row) bench.goTo(row.record_id);
}

export function nextOpen(bench: Workbench): void {
  const { rows } = bench.list;
  const at = here(bench);
  const open = (row: Row) => row.state === "machine" || row.state === "in_review";
  const row = [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find(open);
  if (row) bench.goTo(row.record_id);
  else tell(t("meeting.nothing-open"));
}

export function nextUnsure(bench: Workbench): void {
  if (!bench.view?.editor?.nextUnsure()) tell(t("text.no-unsure"));
}

export function edit(bench: Workbench): void {
  if (bench.view?.editor) bench.view.editor.focus();
  else step(bench, bench.selected ? 0 : 1);
}

export function toPanel(bench: Workbench): void {
  const panel = byId("panel");
  if (panel.contains(document.activeElement)) bench.view?.node.focus();
  else (panel.querySelector<HTMLElement>("button") ?? panel).focus();
}

// Where the page opens: at the intervention or the moment that its address names, else at the beginning.
export function begin(bench: Workbench): void {
  const asked = new URLSearchParams(location.search);
  const wanted = asked.get("record");
  const at = Number(asked.get("at_ms") ?? NaN);
  const row = (wanted ? bench.list.row(wanted) : undefined) ?? (Number.isFinite(at) ? bench.list.at(at) : bench.list.rows[0]);
  bench.player.prepare();
  if (!row) return;
  bench.list.bring(row.record_id, "start");
  bench.goTo(row.record_id);
  bench.player.go(Number.isFinite(at) ? at : row.start_ms, { play: false });
}
