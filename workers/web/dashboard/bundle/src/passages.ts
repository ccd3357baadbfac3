// Where things stand in a text: words with their moments, and the passages of a theme.

import type { Tag, Word } from "./types";

export interface Token {
  before: string;
  text: string;
  startMs: number;
}

// The words with what stands before each in the text; a space where the text does not hold the word.
export function tokens(text: string, words: Word[]): Token[] {
  let at = 0;
  return words.map((word, index) => {
    const found = text.indexOf(word.text, at);
    let before = found >= 0 ? text.slice(at, found) : " ";
    if (found >= 0 && before.trim() === "") at = found + word.text.length;
    else before = index ? " " : "";
    return { before, text: word.text, startMs: word.start_ms };
  });
}

// The moment of a place in the text, which is counted in code points; null where no word begins there or later.
export function momentAt(text: string, words: Word[], offset: number): number | null {
  const wanted = [...text].slice(0, offset).join("").length;
  let at = 0;
  for (const token of tokens(text, words)) {
    at += token.before.length;
    if (at >= wanted) return token.startMs;
    at += token.text.length;
  }
  return null;
}

// The passages of a theme, each once: several rules may have found the same one.
export function passagesOf(tags: Tag[], theme: string): Tag[] {
  const seen = new Set<string>();
  return tags.filter((tag) => tag.theme === theme && !seen.has(`${tag.offset}`) && seen.add(`${tag.offset}`));
}

// The end of a text, from a word on: what was just said.
export function tail(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const from = text.indexOf(" ", text.length - longest);
  return `… ${text.slice(from < 0 ? text.length - longest : from + 1)}`;
}

// The beginning of a text, up to a word.
export function beginning(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const to = text.lastIndexOf(" ", longest);
  return `${text.slice(0, to <= 0 ? longest : to)} …`;
}

const PARAGRAPH_WORDS = 45;
const PAUSE_MS = 900; // from the start of a sentence's last word to the start of the next one
const LONGEST_WORDS = 110;
const ENDS = /[.?!…。؟]["”»)]?$/u;

// Paragraphs end with a sentence: after so many words at a pause, or after the longest at any.
export function paragraphs(all: Token[]): Token[][] {
  const found: Token[][] = [];
  let line: Token[] = [];
  for (const token of all) {
    const last = line.at(-1);
    const over = last && ENDS.test(last.text);
    if (over && (line.length >= LONGEST_WORDS || (line.length >= PARAGRAPH_WORDS && token.startMs - last.startMs >= PAUSE_MS))) {
      found.push(line);
      line = [];
    }
    line.push(token);
  }
  if (line.length) found.push(line);
  return found;
}
