// Of what kind an intervention is, in which language, and what reviewers note about it.

import { ready, send, type Part } from "./correcting";
import { ask } from "./dialogs";
import type { Workbench } from "./meeting";
import { t, tSlug } from "./text";

const KINDS = ["statement", "chair", "procedural", "right_of_reply", "point_of_order", "briefing", "explanation_of_vote", "video_statement", "suspension", "vote", "minute_of_silence", "unassigned"];
const LANGUAGES = ["en", "fr", "es", "ar", "zh", "ru", "pt", "de", "it", "ja", "ko", "hi", "fa", "tr"];

export const kinds = () => KINDS.map((value) => ({ value, label: tSlug("kind", value) }));

function deciding(part: Part, resolves: readonly string[] | undefined): Part {
  return resolves ? { ...part, resolves } : part;
}

export async function kind(bench: Workbench, resolves?: readonly string[]): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const asked = await ask({ title: t("kind.title"), fields: [{ name: "kind", label: t("kind.label"), type: "select", value: entry.kind, options: kinds() }] });
  if (!asked || (asked.answers.kind === entry.kind && !resolves)) return;
  await send(bench, entry, deciding({ operation: "kind", before: { kind: entry.kind }, after: { kind: asked.answers.kind } }, resolves));
}

export async function language(bench: Workbench, resolves?: readonly string[]): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const tags = [...new Set([...LANGUAGES, ...[entry.language_spoken, entry.language_text].flatMap((tag) => tag ?? [])])];
  const options = [{ value: "", label: t("language.unknown") }, ...tags.map((value) => ({ value, label: tSlug("language", value) }))];
  const asked = await ask({
    title: t("language.title"),
    fields: [
      { name: "spoken", label: t("language.spoken"), type: "select", value: entry.language_spoken ?? "", options },
      { name: "text", label: t("language.text"), type: "select", value: entry.language_text ?? "", options },
      { name: "interpretation", label: t("language.interpretation"), type: "check", value: entry.interpretation },
    ],
  });
  if (!asked) return;
  const { spoken, text, interpretation } = asked.answers;
  const before = { language_spoken: entry.language_spoken, language_text: entry.language_text, interpretation: entry.interpretation };
  const after = { language_spoken: spoken || null, language_text: text || null, interpretation: interpretation === true };
  if (JSON.stringify(before) === JSON.stringify(after) && !resolves) return;
  await send(bench, entry, deciding({ operation: "language", before, after }, resolves));
}

export async function note(bench: Workbench): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const before = entry.review.note ?? "";
  const asked = await ask({ title: t("note.title"), fields: [{ name: "note", label: t("note.label"), type: "area", value: before }] });
  if (!asked) return;
  const text = (asked.answers.note as string | null) ?? "";
  if (text !== before) await send(bench, entry, { operation: "note", before: before ? { note: before } : null, after: text ? { note: text } : null });
}
