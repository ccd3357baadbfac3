// What every change of an intervention has in common: it rests on saved text, has a reason where one is needed, and is sent
// as one step.

import * as api from "./api";
import { ask } from "./dialogs";
import { tell } from "./dom";
import type { Workbench } from "./meeting";
import { correctable } from "./row";
import { t } from "./text";
import type { Changed, Correction, Entry, Row } from "./types";

// One correction of a step, before it has an id and a reason.
export type Part = Omit<Correction, "id" | "reason">;

// The selected record with its text saved; null, with the reason told, where nothing can be done with it now.
export async function ready(bench: Workbench): Promise<{ entry: Entry; row: Row } | null> {
  const { selected, saver } = bench;
  if (!selected) return null;
  if (!saver.entry(selected)) await bench.reading.fetch([selected]); // a key that was pressed before the text arrived
  if (!(await saver.flush(selected))) {
    if (saver.status(selected) === "reason" && (await askReason(bench, selected))) return ready(bench);
    tell(t("fault.save-first"), "fault");
    return null;
  }
  const entry = saver.entry(selected);
  const row = bench.list.row(selected);
  if (!entry || !row) return null;
  if (!correctable(entry.review.state)) {
    tell(t("fault.still-heard"), "fault");
    return null;
  }
  return { entry, row };
}

export function isPublic(state: string): boolean {
  return state === "published" || state === "corrected";
}

// A correction of what is published needs a reason: asked once a record. Undefined where none was given.
export async function reasonFor(bench: Workbench, entry: Entry): Promise<string | null | undefined> {
  if (!isPublic(entry.review.state)) return null;
  const known = bench.saver.reason(entry.id);
  if (known) return known;
  const found = await ask({ title: t("reason.title"), about: t("reason.about"), fields: [{ name: "reason", label: t("reason.label"), type: "area", required: true }] });
  if (!found) return undefined;
  const reason = String(found.answers.reason);
  bench.saver.setReason(entry.id, reason);
  return reason;
}

export async function askReason(bench: Workbench, id: string): Promise<boolean> {
  const entry = bench.saver.entry(id);
  if (!entry) return false;
  const reason = await reasonFor(bench, entry);
  if (!reason) return false;
  await bench.saver.because(id, reason);
  return bench.saver.status(id) === "clean";
}

export async function send(bench: Workbench, entry: Entry, ...parts: Part[]): Promise<Changed | null> {
  const reason = await reasonFor(bench, entry);
  if (reason === undefined) return null;
  const corrections = parts.map((part) => api.correction(part, reason));
  const changed = await api.correct(entry.id, entry.revision, corrections);
  bench.reading.took(changed);
  return changed;
}
