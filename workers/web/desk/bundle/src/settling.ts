// Deciding what a person and a better model changed differently: keep mine, take the machine's, or merge by hand.

import * as api from "./api";
import { ready, reasonFor, send } from "./correcting";
import { marked } from "./conflict";
import { kind, language } from "./describing";
import { ask } from "./dialogs";
import { difference } from "./diff";
import { h, tell } from "./dom";
import type { Workbench } from "./meeting";
import { boundaries } from "./shaping";
import { behalf, speaker } from "./speaking";
import { t } from "./text";
import { decision, stretch, withWords } from "./threeways";
import type { Entry, MachineConflict } from "./types";

const AROUND = 80; // characters of the text that are shown on either side

export async function settle(bench: Workbench, conflict: MachineConflict, how: "yours" | "machine" | "hand"): Promise<void> {
  if (how === "hand") return byHand(bench, conflict);
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const part = decision(entry, conflict, how);
  if (!part) {
    tell(t("conflict.words-gone"), "fault");
    return;
  }
  const changed = await send(bench, entry, part);
  if (!changed) return;
  if (changed.retired.includes(entry.id)) await bench.reading.refresh();
  tell(t(`conflict.done-${how}`));
}

// What can be edited in a dialog of its own is decided there.
async function byHand(bench: Workbench, conflict: MachineConflict): Promise<void> {
  const resolves = [conflict.id];
  switch (conflict.field) {
    case "text": return textByHand(bench, conflict);
    case "speaker": return speaker(bench, resolves);
    case "on_behalf_of":
    case "aligned_with": return behalf(bench, resolves);
    case "kind": return kind(bench, resolves);
    case "language_spoken":
    case "language_text":
    case "interpretation": return language(bench, resolves);
    case "spans": return boundaries(bench, resolves);
  }
}

export function canBeMerged(field: string): boolean {
  return field !== "record" && field !== "themes";
}

async function textByHand(bench: Workbench, conflict: MachineConflict): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const place = stretch(entry, conflict);
  const yours = String(conflict.yours ?? "");
  const asked = await ask({
    title: t("conflict.by-hand-title"),
    about: threeTexts(conflict, place ? context(entry, place) : null),
    wide: true,
    fields: [{ name: "text", label: t(place ? "conflict.words-instead" : "conflict.text-instead"), type: "area", value: place ? yours : entry.text }],
    ok: t("conflict.take-merged"),
  });
  if (!asked) return;
  const written = (asked.answers.text as string | null) ?? "";
  const text = place ? withWords(entry, conflict, written) : written;
  if (text === null) return;
  if (await send(bench, entry, { operation: "text", before: { text: entry.text }, after: { text }, resolves: [conflict.id] })) tell(t("conflict.done-hand"));
}

function context(entry: Entry, { from, to }: { from: number; to: number }): HTMLElement {
  const before = entry.text.slice(Math.max(0, from - AROUND), from);
  const after = entry.text.slice(to, to + AROUND);
  return h("p", { class: "difference", dir: "auto" }, from > AROUND ? "… " : "", before, h("mark", {}, entry.text.slice(from, to) || "…"), after, to + AROUND < entry.text.length ? " …" : "");
}

function threeTexts(conflict: MachineConflict, where: HTMLElement | null): HTMLElement {
  const base = String(conflict.base ?? "");
  const side = (label: string, content: Node | string) => h("div", { class: "side" }, h("h3", {}, label), typeof content === "string" ? h("p", { class: "difference", dir: "auto" }, content || "–") : content);
  return h(
    "div",
    {},
    where,
    h(
      "div",
      { class: "sides" },
      side(t("conflict.base"), base),
      side(t("conflict.yours"), marked(difference(base, String(conflict.yours ?? "")))),
      side(t("conflict.machine"), marked(difference(base, String(conflict.machine ?? "")))),
    ),
  );
}

// A revision of the machine's waits beside what a person settled: put the person's work onto it.
export async function takeWaiting(bench: Workbench): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const reason = await reasonFor(bench, entry);
  if (reason === undefined) return;
  bench.reading.took(await api.takeMachine(entry.id, entry.revision, reason));
  tell(t("conflict.taken-over"));
}
