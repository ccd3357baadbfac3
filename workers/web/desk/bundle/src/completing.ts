// A name is spelt rightly by choosing it: with its accents, in the language of the text.

import { ask } from "./dialogs";
import { tell } from "./dom";
import type { Workbench } from "./meeting";
import { t } from "./text";
import type { Entity, EntityFound } from "./types";

const PERSON = "person"; // the scheme of names of persons, which have no code

export async function complete(bench: Workbench): Promise<void> {
  const { view, entry } = bench;
  const editor = view?.editor;
  if (!editor || !entry) return;
  const { from, to, text } = editor.begun;
  const language = entry.language_text?.split("-")[0] ?? "en";
  const asked = await ask({
    title: t("complete.title"),
    date: bench.meeting.meeting.date,
    ok: t("complete.ok"),
    fields: [{ name: "name", label: t("complete.label"), type: "entity", search: text, hint: t("complete.hint"), also: (q) => persons(bench, q), language }],
  });
  const chosen = asked?.answers.name as Entity | null | undefined;
  if (!asked) editor.focus();
  else if (chosen) editor.replace(from, to, chosen.name);
  else tell(t("speaker.none-chosen"), "fault");
}

// Without accents and capitals, as it is typed.
export function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

// Persons whom the interventions that are known name.
function persons(bench: Workbench, q: string): EntityFound[] {
  const names = new Set<string>();
  for (const row of bench.list.rows) {
    const speaker = bench.saver.entry(row.record_id)?.speaker;
    for (const name of [speaker?.person, speaker?.name_as_said]) if (name && plain(name).includes(plain(q))) names.add(name);
  }
  return [...names].map((name) => ({ scheme: PERSON, code: "", name }));
}
