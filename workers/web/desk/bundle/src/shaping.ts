// From when to when an intervention lasts, and what is one: boundaries, splitting, merging, adding, off the record.

import * as api from "./api";
import { fineClock, parseClock } from "./clock";
import { ready, send } from "./correcting";
import { kinds } from "./describing";
import { ask } from "./dialogs";
import { tell } from "./dom";
import { freeSpan } from "./free";
import type { Workbench } from "./meeting";
import { correctable } from "./row";
import { t } from "./text";
import type { Entity, Span } from "./types";

export async function boundary(bench: Workbench, edge: "start" | "end", toMs: number): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const before = entry.spans.map(({ start_ms, end_ms }) => ({ start_ms, end_ms }));
  const after = before.map((span) => ({ ...span }));
  const span = edge === "start" ? after[0] : after.at(-1);
  if (!span) return;
  if (edge === "start") span.start_ms = Math.round(toMs);
  else span.end_ms = Math.round(toMs);
  if (span.start_ms >= span.end_ms) {
    tell(t("span.backwards"), "fault");
    return;
  }
  if (!(await send(bench, entry, { operation: "span", before: { spans: before }, after: { spans: after } }))) return;
  await bench.reading.refresh();
  tell(t(`span.${edge}`, { time: fineClock(toMs) }));
}

export async function split(bench: Workbench): Promise<void> {
  const editor = bench.view?.editor;
  const at = editor?.cursor ?? 0;
  const { entry } = (await ready(bench)) ?? {};
  if (!entry || !editor) return;
  const word = editor.wordFrom(at)?.word;
  if (!word || word === entry.words[0]) {
    tell(t("split.nowhere"), "fault");
    return;
  }
  const changed = await send(bench, entry, { operation: "split", before: { records: [entry.id] }, after: { at_ms: word.start_ms } });
  if (!changed) return;
  await bench.reading.refresh();
  const second = changed.records.find((item) => item.id !== entry.id);
  if (second) bench.goTo(second.id);
  tell(t("split.done"));
}

// The next one becomes part of the selected one.
export async function merge(bench: Workbench): Promise<void> {
  const { entry, row } = (await ready(bench)) ?? {};
  if (!entry || !row) return;
  const { list, saver } = bench;
  const next = list.rows.slice(list.index(entry.id) + 1).find((item) => item.channel === row.channel);
  if (!next || !correctable(next.state)) {
    tell(t("merge.nothing"), "fault");
    return;
  }
  if (!(await saver.flush(next.record_id))) {
    tell(t("fault.save-first"), "fault");
    return;
  }
  const changed = await send(bench, entry, { operation: "merge", before: { records: [entry.id, next.record_id] }, after: { records: [entry.id] } });
  if (!changed) return;
  await bench.reading.refresh();
  bench.goTo(entry.id);
  tell(t("merge.done"));
}

// Add what the machine missed, where no other intervention is: at the playhead, or behind it.
export async function insert(bench: Workbench): Promise<void> {
  const { player, meeting, list } = bench;
  const free = freeSpan(list.rows, player.positionMs, meeting.duration_ms);
  const asked = await ask({
    title: t("insert.title"),
    date: meeting.meeting.date,
    about: t("insert.about"),
    fields: [
      { name: "from", label: t("insert.from"), type: "text", value: fineClock(free.start_ms), required: true },
      { name: "until", label: t("insert.until"), type: "text", value: fineClock(free.end_ms), required: true },
      { name: "kind", label: t("kind.label"), type: "select", value: "statement", options: kinds() },
      { name: "entity", label: t("speaker.entity"), type: "entity" },
      { name: "text", label: t("insert.text"), type: "area" },
    ],
  });
  if (!asked) return;
  const span = spanOf(asked.answers.from, asked.answers.until);
  if (!span) return;
  const entity = asked.answers.entity as Entity | null;
  const after = {
    channel: meeting.channels.find((item) => !item.interpretation)?.name ?? "floor",
    kind: asked.answers.kind,
    spans: [span],
    speaker: entity ? { entity, name_as_said: null, role: null, capacity: null, person: null } : null,
    text: (asked.answers.text as string | null) ?? "",
  };
  const changed = await api.insert(meeting.meeting.id, api.correction({ operation: "insert", before: null, after }, null));
  bench.reading.took(changed);
  await bench.reading.refresh();
  const [added] = changed.records;
  if (added) bench.goTo(added.id);
  tell(t("insert.done"));
}

function spanOf(from: unknown, until: unknown): Span | null {
  const start_ms = parseClock(String(from));
  const end_ms = parseClock(String(until));
  if (start_ms !== null && end_ms !== null && start_ms < end_ms) return { start_ms, end_ms };
  tell(t(start_ms === null || end_ms === null ? "span.unreadable" : "span.backwards"), "fault");
  return null;
}

// From when to when, written as times: for a conflict that is decided by hand.
export async function boundaries(bench: Workbench, resolves: readonly string[]): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  const first = entry?.spans[0];
  const last = entry?.spans.at(-1);
  if (!entry || !first || !last) return;
  const asked = await ask({
    title: t("span.title"),
    fields: [
      { name: "from", label: t("insert.from"), type: "text", value: fineClock(first.start_ms), required: true },
      { name: "until", label: t("insert.until"), type: "text", value: fineClock(last.end_ms), required: true },
    ],
  });
  const span = asked && spanOf(asked.answers.from, asked.answers.until);
  if (!span) return;
  const before = entry.spans.map(({ start_ms, end_ms }) => ({ start_ms, end_ms }));
  const inside = before.filter((item) => item.end_ms > span.start_ms && item.start_ms < span.end_ms);
  const after = inside.length ? inside.map((item) => ({ ...item })) : [span];
  const [head] = after;
  const tail = after.at(-1);
  if (head) head.start_ms = span.start_ms;
  if (tail) tail.end_ms = span.end_ms;
  await send(bench, entry, { operation: "span", before: { spans: before }, after: { spans: after }, resolves });
}

export async function offRecord(bench: Workbench): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const off = (entry.review.off_record ?? []).length > 0;
  const stretch = off ? null : stretchChosen(bench);
  const title = off ? "off-record.back" : stretch ? "off-record.words" : "off-record.title";
  const sure = await ask({ title: t(title), about: t("off-record.about"), ok: t(off ? "off-record.on" : "off-record.off") });
  if (!sure) return;
  const after = { off_record: !off, ...(stretch ? { span: stretch } : {}) };
  if (await send(bench, entry, { operation: "off_record", before: { off_record: off }, after })) tell(t(off ? "off-record.on-done" : "off-record.off-done"));
}

// From the first to the last of the words that are selected in the text; null: all of it.
function stretchChosen(bench: Workbench): Span | null {
  const words = bench.view?.editor?.chosen ?? [];
  const start_ms = words[0]?.start_ms;
  const end_ms = words.at(-1)?.end_ms;
  return start_ms !== undefined && end_ms !== undefined && start_ms < end_ms ? { start_ms, end_ms } : null;
}
