// The text of one intervention in ProseMirror: one paragraph whose words keep their times while they are not touched.

import { closeHistory, history, redo, redoDepth, undo, undoDepth } from "prosemirror-history";
import { EditorState, TextSelection, type Transaction } from "prosemirror-state";
import { EditorView } from "prosemirror-view";

import { same, SCHEMA, TIMED, timed, UNSURE } from "./timed";
import type { Word } from "./types";
import { momentOf, type Placed, wordAt } from "./words";

export interface Hooks {
  changed(text: string): void;
  focused(): void;
  left(): void;
  play(ms: number): void;
  leave(): void; // Enter or Escape: the text is done for now
}

export interface Shape {
  text: string;
  words: readonly Word[];
  lang: string | null;
  label: string;
  editable: boolean;
}

export class Editor {
  readonly view: EditorView;
  #hooks: Hooks;
  #words: readonly Word[];
  #shape: Shape;

  constructor(host: HTMLElement, shape: Shape, hooks: Hooks) {
    this.#hooks = hooks;
    this.#words = shape.words;
    this.#shape = shape;
    this.view = new EditorView(host, {
      state: this.#state(shape.text),
      editable: () => this.#shape.editable,
      attributes: () => this.#attributes(),
      dispatchTransaction: (transaction) => this.#dispatch(transaction),
      handleClick: (view, at) => {
        if (view.state.selection.empty) this.playFrom(at - 1);
        return false;
      },
      handleKeyDown: (_, event) => {
        if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return false;
        if (event.key === "Enter" || event.key === "Escape") {
          event.preventDefault();
          this.#hooks.leave();
          return true;
        }
        return false;
      },
      handleDOMEvents: {
        paste: (_, event) => this.#paste(event),
        drop: (_, event) => (event.preventDefault(), true), // words are not dragged about: a slip of the hand would not be seen
        focus: () => (this.#hooks.focused(), false),
        blur: () => (this.#hooks.left(), false),
      },
    });
  }

  // What is put in at once is undone at once.
  #put(text: string, from?: number, to?: number): void {
    this.view.dispatch(closeHistory(this.view.state.tr).insertText(text, from, to).scrollIntoView());
    this.view.dispatch(closeHistory(this.view.state.tr));
  }

  // Plain text, before anybody looks at the markup that came with it.
  #paste(event: ClipboardEvent): boolean {
    event.preventDefault();
    const text = event.clipboardData?.getData("text/plain").replace(/\s+/g, " ") ?? "";
    if (this.#shape.editable) this.#put(text);
    return true;
  }

  #attributes(): Record<string, string> {
    const { lang, label, editable } = this.#shape;
    return {
      role: "textbox",
      "aria-multiline": "true",
      "aria-label": label,
      "aria-readonly": String(!editable),
      tabindex: "0",
      dir: "auto",
      spellcheck: "true",
      ...(lang ? { lang } : {}),
    };
  }

  #state(text: string): EditorState {
    const line = SCHEMA.node("line", null, text ? [SCHEMA.text(text)] : []);
    return EditorState.create({ doc: SCHEMA.node("doc", null, [line]), plugins: [history(), timed(this.#words)] });
  }

  #dispatch(transaction: Transaction): void {
    this.view.updateState(this.view.state.apply(transaction));
    if (transaction.docChanged && transaction.getMeta("from-server") === undefined) this.#hooks.changed(this.text);
  }

  get text(): string {
    return this.view.state.doc.textContent;
  }

  get cursor(): number {
    // The browser's own selection: ProseMirror hears of it a moment later than a key that follows at once.
    const found = document.getSelection();
    if (this.focused && found?.focusNode && this.view.dom.contains(found.focusNode)) {
      return this.view.posAtDOM(found.focusNode, found.focusOffset) - 1;
    }
    return this.view.state.selection.head - 1;
  }

  get focused(): boolean {
    return this.view.hasFocus();
  }

  get placed(): readonly Placed[] {
    return TIMED.getState(this.view.state)?.placed ?? [];
  }

  // Show what the server has. Where the text is the same, the cursor and what can be undone stay.
  show(shape: Shape): void {
    const textChanged = shape.text !== this.text;
    const wordsChanged = !same(shape.words, this.#words);
    this.#shape = shape;
    this.#words = shape.words;
    if (textChanged) {
      const at = Math.min(this.cursor + 1, shape.text.length + 1);
      const state = this.#state(shape.text);
      this.view.updateState(state.apply(state.tr.setSelection(TextSelection.create(state.doc, at)).setMeta("from-server", true)));
    } else if (wordsChanged) {
      this.view.dispatch(this.#steady().setMeta(TIMED, { words: shape.words }).setMeta("from-server", true));
    }
    this.view.setProps({ attributes: () => this.#attributes() });
  }

  // A change of how words look, which must not take the cursor back to where ProseMirror last knew it.
  #steady(): Transaction {
    const { tr, doc } = this.view.state;
    const at = this.cursor + 1;
    const moved = this.focused && document.getSelection()?.isCollapsed && at !== tr.selection.head;
    return moved ? tr.setSelection(TextSelection.create(doc, at)) : tr;
  }

  focus(): void {
    this.view.focus();
    // For 200 ms after a focus ProseMirror takes a jump to the start for the browser's doing, and takes it back. Here it
    // is the Home key's, for the focus was set by a key as well.
    const { input } = this.view as unknown as { input?: { lastFocus: number } };
    if (input) input.lastFocus = 0;
  }

  insert(text: string): void {
    if (!this.#shape.editable) return;
    const { from, to } = this.view.state.selection;
    const all = this.text;
    const before = from > 1 && !/\s/.test(all[from - 2] ?? "") ? " " : "";
    const after = to - 1 < all.length && !/\s/.test(all[to - 1] ?? "") ? " " : "";
    this.#put(before + text + after);
    this.view.focus();
  }

  undo(): boolean {
    return undoDepth(this.view.state) > 0 && undo(this.view.state, (transaction) => this.#dispatch(transaction));
  }

  redo(): boolean {
    return redoDepth(this.view.state) > 0 && redo(this.view.state, (transaction) => this.#dispatch(transaction));
  }

  // From here on undoing is the server's: what is in its journal is no longer in this one.
  saved(): void {
    if (this.view.composing || undoDepth(this.view.state) + redoDepth(this.view.state) === 0) return;
    const { doc, selection } = this.view.state;
    const placed = this.placed;
    const fresh = EditorState.create({ doc, selection, plugins: [history(), timed(placed.flatMap((item) => item.word ?? []))] });
    this.view.updateState(fresh);
  }

  playFrom(at: number): void {
    const ms = momentOf(this.placed, at);
    if (ms !== null) this.#hooks.play(ms);
  }

  // The timed words that are selected.
  get chosen(): readonly Word[] {
    const { from, to, empty } = this.view.state.selection;
    return empty ? [] : this.placed.filter((item) => item.from < to - 1 && item.to > from - 1).flatMap((item) => item.word ?? []);
  }

  // What stands before the cursor and is being written, or what is selected: for completing a name.
  get begun(): { from: number; to: number; text: string } {
    const { from, to, empty } = this.view.state.selection;
    const start = empty ? this.text.slice(0, to - 1).search(/\S*$/) : from - 1;
    return { from: start, to: to - 1, text: this.text.slice(start, to - 1) };
  }

  replace(from: number, to: number, text: string): void {
    if (!this.#shape.editable) return;
    this.#put(text, from + 1, to + 1);
    this.view.focus();
  }

  // The timed word at or after the cursor: where a split can be made.
  wordFrom(at: number): Placed | null {
    return this.placed.find((item) => item.to > at || item.from >= at) ?? null;
  }

  select(from: number, to: number): void {
    const { state } = this.view;
    this.view.dispatch(state.tr.setSelection(TextSelection.create(state.doc, from + 1, to + 1)).scrollIntoView());
    this.view.focus();
  }

  nextUnsure(): boolean {
    const at = this.focused ? this.cursor : -1;
    const item = this.placed.find(({ from, word }) => from > at && word && word.source === "recognised" && word.confidence < UNSURE);
    if (!item) return false;
    this.select(item.from, item.to);
    return true;
  }

  // Light the word that is spoken; returns its element when it is another one than before.
  light(ms: number | null): boolean {
    if (this.view.composing) return false;
    const own = TIMED.getState(this.view.state);
    if (!own) return false;
    let index = ms === null ? -1 : wordAt(own.placed, ms);
    const item = own.placed[index];
    if (item && ms !== null && ms > (item.word?.end_ms ?? 0) + 1500) index = -1;
    if (index === own.spoken) return false;
    this.view.dispatch(this.#steady().setMeta(TIMED, { spoken: index }).setMeta("addToHistory", false));
    return index >= 0;
  }

  destroy(): void {
    this.view.destroy();
  }
}
