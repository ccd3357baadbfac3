// A conflict with a better model, three ways: what decides it, and which words of the text it is about.

import type { Part } from "./correcting";
import type { Entry, MachineConflict } from "./types";
import { place } from "./words";

const LANGUAGE = ["language_spoken", "language_text", "interpretation"] as const;

function words(text: unknown): string[] {
  return typeof text === "string" ? text.split(/\s+/).filter(Boolean) : [];
}

// Where yours stands in the text: of several places with the same words, the one whose time is nearest.
export function stretch(entry: Pick<Entry, "text" | "words">, conflict: Pick<MachineConflict, "yours" | "span">): { from: number; to: number } | null {
  const placed = place(entry.text, entry.words);
  const wanted = words(conflict.yours);
  const atMs = conflict.span?.start_ms ?? 0;
  if (wanted.length === 0) {
    const next = placed.find((item) => (item.word?.start_ms ?? 0) >= atMs);
    const at = next ? next.from : entry.text.length;
    return { from: at, to: at };
  }
  let best: { from: number; to: number } | null = null;
  let nearest = Infinity;
  for (let at = 0; at + wanted.length <= placed.length; at += 1) {
    const [first, last] = [placed[at], placed[at + wanted.length - 1]];
    if (!first || !last || !wanted.every((word, index) => placed[at + index]?.word?.text === word)) continue;
    const away = Math.abs((first.word?.start_ms ?? 0) - atMs);
    if (away >= nearest) continue;
    nearest = away;
    best = { from: first.from, to: last.to };
  }
  return best;
}

// The whole text with other words in a conflict's place; null where its words are there no more.
export function withWords(entry: Pick<Entry, "text" | "words">, conflict: Pick<MachineConflict, "yours" | "span">, text: string): string | null {
  const found = stretch(entry, conflict);
  if (!found) return null;
  const parts = [entry.text.slice(0, found.from).trimEnd(), text.trim(), entry.text.slice(found.to).trimStart()];
  return parts.filter(Boolean).join(" ");
}

// What decides a conflict for one side. Keeping yours changes nothing but that it is decided.
export function decision(entry: Entry, conflict: MachineConflict, take: "yours" | "machine"): Part | null {
  const { field } = conflict;
  const value = conflict[take];
  const resolves = [conflict.id];
  if (field === "text") {
    const text = take === "yours" ? entry.text : withWords(entry, conflict, String(value ?? ""));
    return text === null ? null : { operation: "text", before: { text: entry.text }, after: { text }, resolves };
  }
  if (field === "record") {
    // Any correction says that the record stays; without one it goes, and those stand for it that the machine knows.
    const { kind } = entry;
    return take === "yours" ? { operation: "kind", before: { kind }, after: { kind } } : { operation: "restore", before: { revision: entry.revision }, after: null };
  }
  if (field === "spans") return { operation: "span", before: { spans: conflict.yours }, after: { spans: value }, resolves };
  if (field === "themes") return { operation: "theme", before: { themes: conflict.yours }, after: { themes: value }, resolves };
  if ((LANGUAGE as readonly string[]).includes(field)) {
    const before = Object.fromEntries(LANGUAGE.map((name) => [name, entry[name]]));
    return { operation: "language", before, after: { ...before, [field]: value }, resolves };
  }
  return { operation: field, before: { [field]: conflict.yours }, after: { [field]: value }, resolves };
}
