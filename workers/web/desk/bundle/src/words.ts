// Words with times on a text that is edited: which part of the text each word is, and what an edit leaves of it.

import type { Word } from "./types";

// One word's place in the text; `word` is null for what a person wrote.
export interface Placed {
  from: number;
  to: number;
  word: Word | null;
}

// Where each word stands in the text, in order; a word that the text does not hold is left out.
export function place(text: string, words: readonly Word[]): Placed[] {
  const placed: Placed[] = [];
  let at = 0;
  for (const word of words) {
    const found = text.indexOf(word.text, at);
    if (found < 0 || text.slice(at, found).trim() !== "") continue;
    placed.push({ from: found, to: found + word.text.length, word });
    at = found + word.text.length;
  }
  return placed;
}

// What is left after text[from, to) was replaced by `length` characters. A word that the change touches, or that
// the change joins to what was typed, has no time any more.
export function edit(placed: readonly Placed[], from: number, to: number, inserted: string): Placed[] {
  const shift = inserted.length - (to - from);
  const joinsBefore = inserted === "" || !/^\s/.test(inserted);
  const joinsAfter = inserted === "" || !/\s$/.test(inserted);
  const kept: Placed[] = [];
  for (const item of placed) {
    if (item.to < from || (item.to === from && !joinsBefore)) kept.push(item);
    else if (item.from > to || (item.from === to && !joinsAfter)) kept.push({ ...item, from: item.from + shift, to: item.to + shift });
  }
  return kept;
}

// Whether the words still are what the text says at their places: an edit can join two of them.
export function whole(text: string, item: Placed): boolean {
  return (
    text.slice(item.from, item.to) === item.word?.text &&
    (item.from === 0 || /\s/.test(text[item.from - 1] ?? "")) &&
    (item.to === text.length || /\s/.test(text[item.to] ?? ""))
  );
}

// The stretches of text that a person wrote: words without a time.
export function written(text: string, placed: readonly Placed[]): { from: number; to: number }[] {
  const timed = new Map(placed.map((item) => [item.from, item.to]));
  const found: { from: number; to: number }[] = [];
  for (const match of text.matchAll(/\S+/g)) {
    const to = match.index + match[0].length;
    if (timed.get(match.index) !== to) found.push({ from: match.index, to });
  }
  return found;
}

// The last word that began at or before a moment; -1 before the first one.
export function wordAt(placed: readonly Placed[], ms: number): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placed[middle]?.word?.start_ms ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// The moment of a place in the text: of the timed word there, or, where a person wrote, between its neighbours.
export function momentOf(placed: readonly Placed[], at: number): number | null {
  let before: Placed | null = null;
  for (const item of placed) {
    if (item.from <= at && at <= item.to) return item.word?.start_ms ?? null;
    if (item.from > at) {
      if (!before) return item.word?.start_ms ?? null;
      const from = before.word?.end_ms ?? 0;
      const share = (at - before.to) / Math.max(1, item.from - before.to);
      return Math.round(from + share * ((item.word?.start_ms ?? from) - from));
    }
    before = item;
  }
  return before?.word?.end_ms ?? null;
}
