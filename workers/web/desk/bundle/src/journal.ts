// The meeting's journal: saving what is open, undoing and doing again, and going back to an earlier revision.

import * as api from "./api";
import { askReason, ready, send } from "./correcting";
import { tell } from "./dom";
import type { Workbench } from "./meeting";
import { t } from "./text";

export async function saveAll(bench: Workbench): Promise<void> {
  const { saver } = bench;
  const waiting = saver.unsaved.find((id) => saver.status(id) === "reason");
  if (waiting) await askReason(bench, waiting);
  if (await saver.flushAll()) tell(t("save.all"));
}

export const undo = (bench: Workbench) => step(bench, "undo");
export const redo = (bench: Workbench) => step(bench, "redo");

// What is not saved yet is the editor's to undo, what is saved the server's.
async function step(bench: Workbench, what: "undo" | "redo"): Promise<void> {
  const editor = bench.view?.editor;
  if (editor?.focused && editor[what]()) return;
  if (!(await bench.saver.flushAll())) return;
  const changed = await api[what](bench.id);
  if (changed.records.length === 0 && changed.retired.length === 0) {
    tell(t(`${what}.nothing`));
    return;
  }
  bench.reading.took(changed);
  tell(t(`${what}.done`, { count: changed.records.length }));
}

export async function restore(bench: Workbench, id: string, revision: number): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (entry?.id !== id) return;
  const restored = await send(bench, entry, { operation: "restore", before: { revision: entry.revision }, after: { revision } });
  if (restored) tell(t("history.restored", { number: revision }));
}
