// The words of a text with their times beside it: moved with each change, forgotten where a change touches them.

import { Schema } from "prosemirror-model";
import { Plugin, PluginKey, type Transaction } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";

import type { Word } from "./types";
import { edit, place, type Placed, whole, written } from "./words";

export const UNSURE = 0.5; // the public page underlines below the same confidence

export const SCHEMA = new Schema({
  nodes: {
    doc: { content: "line" },
    line: { content: "text*", whitespace: "pre", toDOM: () => ["p", 0], parseDOM: [{ tag: "p" }] },
    text: {},
  },
});

interface Timed {
  placed: Placed[];
  standing: DecorationSet; // unsure words, and what a person wrote
  spoken: number;
}

export const TIMED = new PluginKey<Timed>("timed");

// Positions in the document are one more than in the text: the paragraph opens before its first character.
function decorate(text: string, placed: readonly Placed[]): Decoration[] {
  const found = written(text, placed).map(({ from, to }) => Decoration.inline(from + 1, to + 1, { class: "by-hand" }));
  for (const { from, to, word } of placed) {
    if (!word) continue;
    if (word.source === "human" || word.source === "interpolated") found.push(Decoration.inline(from + 1, to + 1, { class: "by-hand" }));
    else if (word.confidence < UNSURE) found.push(Decoration.inline(from + 1, to + 1, { class: "unsure" }));
  }
  return found;
}

export function timed(words: readonly Word[]): Plugin<Timed> {
  return new Plugin<Timed>({
    key: TIMED,
    state: {
      init(_, state) {
        const text = state.doc.textContent;
        const placed = place(text, words);
        return { placed, standing: DecorationSet.create(state.doc, decorate(text, placed)), spoken: -1 };
      },
      apply(transaction, before, _, state) {
        const asked = transaction.getMeta(TIMED) as { spoken?: number; words?: readonly Word[] } | undefined;
        const text = state.doc.textContent;
        if (asked?.words) {
          const placed = place(text, asked.words);
          return { placed, standing: DecorationSet.create(state.doc, decorate(text, placed)), spoken: -1 };
        }
        if (!transaction.docChanged) return asked?.spoken === undefined ? before : { ...before, spoken: asked.spoken };
        const placed = moved(transaction, before.placed).filter((item) => whole(text, item));
        return { placed, standing: DecorationSet.create(state.doc, decorate(text, placed)), spoken: -1 };
      },
    },
    props: {
      decorations(state) {
        const own = TIMED.getState(state);
        const item = own?.placed[own.spoken];
        if (!own || !item) return own?.standing;
        return own.standing.add(state.doc, [Decoration.inline(item.from + 1, item.to + 1, { class: "spoken" })]);
      },
    },
  });
}

function moved(transaction: Transaction, before: readonly Placed[]): Placed[] {
  let placed: Placed[] = [...before];
  transaction.steps.forEach((step, index) => {
    const after = transaction.docs[index + 1] ?? transaction.doc;
    step.getMap().forEach((oldStart, oldEnd, newStart, newEnd) => {
      placed = edit(placed, oldStart - 1, oldEnd - 1, after.textBetween(newStart, newEnd));
    });
  });
  return placed;
}

export function same(a: readonly Word[], b: readonly Word[]): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every((word, index) => {
        const other = b[index];
        return word.text === other?.text && word.start_ms === other.start_ms && word.confidence === other.confidence && word.source === other.source;
      }))
  );
}
