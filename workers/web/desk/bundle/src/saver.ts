// Keeps texts and the server together: saves after a pause, one request a record at a time, with the revision that the
// text rests on. What cannot be saved now is kept in the browser; what somebody else changed meanwhile is a conflict.

import { correction, Refused, Unreachable } from "./api";
import { merge } from "./diff";
import type { Changed, Correction, Entry } from "./types";

export type Status = "clean" | "dirty" | "saving" | "offline" | "conflict" | "reason" | "refused";

export interface Conflict {
  base: string;
  yours: string;
  theirs: Entry | null; // null: the intervention is gone, for example merged into another one
  merged: string;
  overlapping: number;
}

export interface Wiring {
  correct(id: string, revision: number, corrections: readonly Correction[]): Promise<Changed>;
  keep(kept: { record_id: string; revision: number; base: string; text: string }): void;
  forget(id: string): void;
  status(id: string, status: Status, detail?: string): void;
  conflict(id: string, conflict: Conflict): void;
  changed(changed: Changed): void;
  needsReason(entry: Entry): boolean;
}

interface Held {
  entry: Entry; // the last that the server gave
  text: string; // what the reviewer sees
  status: Status;
  reason: string | null;
  timer: number;
  running: Promise<void> | null;
}

export const PAUSE_MS = 900;
export const AGAIN_MS = 3000;

export class Saver {
  #held = new Map<string, Held>();
  #wiring: Wiring;

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
  }

  status(id: string): Status {
    return this.#held.get(id)?.status ?? "clean";
  }

  entry(id: string): Entry | undefined {
    return this.#held.get(id)?.entry;
  }

  text(id: string): string | undefined {
    return this.#held.get(id)?.text;
  }

  get unsaved(): string[] {
    return [...this.#held].filter(([, held]) => held.status !== "clean").map(([id]) => id);
  }

  forget(id: string): void {
    clearTimeout(this.#held.get(id)?.timer);
    this.#held.delete(id);
  }

  // The server's record arrived. Returns whether its text is to be shown: never over what is being written.
  accept(entry: Entry): boolean {
    const held = this.#held.get(entry.id);
    if (!held) {
      this.#held.set(entry.id, { entry, text: entry.text, status: "clean", reason: null, timer: 0, running: null });
      return true;
    }
    if (entry.revision < held.entry.revision) return false;
    if (held.text === held.entry.text || held.text === entry.text) {
      if (held.running && held.text !== entry.text) return false;
      held.entry = entry;
      held.text = entry.text;
      if (!held.running) this.#set(held, "clean");
      return true;
    }
    if (entry.text === held.entry.text) held.entry = entry; // only other fields changed: the text still fits
    return false; // the text changed under the reviewer's: saving will be told so
  }

  edit(id: string, text: string): void {
    const held = this.#held.get(id);
    if (!held) return;
    held.text = text;
    if (text === held.entry.text && !held.running && held.status !== "conflict") {
      clearTimeout(held.timer);
      this.#wiring.forget(id);
      this.#set(held, "clean");
      return;
    }
    this.#keep(held);
    if (held.status === "conflict") return;
    if (held.reason === null && this.#wiring.needsReason(held.entry)) {
      this.#set(held, "reason");
      return;
    }
    if (!held.running) this.#set(held, "dirty");
    this.#later(held, PAUSE_MS);
  }

  // Give the reason that a correction of something published needs, and save.
  async because(id: string, reason: string): Promise<void> {
    const held = this.#held.get(id);
    if (held) held.reason = reason;
    await this.flush(id);
  }

  reason(id: string): string | null {
    return this.#held.get(id)?.reason ?? null;
  }

  setReason(id: string, reason: string): void {
    const held = this.#held.get(id);
    if (held) held.reason = reason;
  }

  // Save now, and wait until it is.
  async flush(id: string): Promise<boolean> {
    const held = this.#held.get(id);
    if (!held) return true;
    clearTimeout(held.timer);
    if (held.running) await held.running;
    if (held.status === "conflict") return false;
    if (held.text === held.entry.text) return true;
    if (held.reason === null && this.#wiring.needsReason(held.entry)) {
      this.#set(held, "reason");
      return false;
    }
    held.running = this.#save(held).finally(() => (held.running = null));
    await held.running;
    if (held.status === "saving") this.#settle(held);
    return held.text === held.entry.text;
  }

  async flushAll(): Promise<boolean> {
    const done = await Promise.all(this.unsaved.map((id) => this.flush(id)));
    return done.every(Boolean);
  }

  // A conflict is over: `text` is what stands now, on top of theirs.
  async resolve(id: string, text: string, theirs: Entry): Promise<void> {
    const held = this.#held.get(id);
    if (!held) return;
    held.entry = theirs;
    held.text = text;
    this.#set(held, "dirty");
    if (text === theirs.text) {
      this.#wiring.forget(id);
      this.#set(held, "clean");
      return;
    }
    this.#keep(held);
    await this.flush(id);
  }

  #keep(held: Held): void {
    this.#wiring.keep({ record_id: held.entry.id, revision: held.entry.revision, base: held.entry.text, text: held.text });
  }

  #later(held: Held, ms: number): void {
    clearTimeout(held.timer);
    held.timer = setTimeout(() => void this.flush(held.entry.id), ms) as unknown as number;
  }

  #set(held: Held, status: Status, detail?: string): void {
    held.status = status;
    this.#wiring.status(held.entry.id, status, detail);
  }

  #settle(held: Held): void {
    if (held.text === held.entry.text) {
      this.#wiring.forget(held.entry.id);
      this.#set(held, "clean");
    } else {
      this.#set(held, "dirty");
      this.#later(held, PAUSE_MS);
    }
  }

  async #save(held: Held): Promise<void> {
    const { id } = held.entry;
    const text = held.text;
    this.#set(held, "saving");
    try {
      const made = correction({ operation: "text", before: { text: held.entry.text }, after: { text } }, held.reason);
      const changed = await this.#wiring.correct(id, held.entry.revision, [made]);
      const own = changed.records.find((record) => record.id === id);
      if (own) {
        const typedMeanwhile = held.text !== text;
        held.entry = own;
        if (!typedMeanwhile) held.text = own.text;
      }
      this.#wiring.changed(changed);
    } catch (fault) {
      if (fault instanceof Unreachable) {
        this.#set(held, "offline");
        this.#later(held, AGAIN_MS);
      } else if (fault instanceof Refused && fault.status === 409 && fault.body.theirs !== undefined) {
        this.#diverged(held, fault.body.theirs as Entry | null);
      } else if (fault instanceof Refused) {
        this.#set(held, "refused", fault.message);
      } else {
        throw fault;
      }
    }
  }

  #diverged(held: Held, theirs: Entry | null): void {
    const base = held.entry.text;
    if (theirs && (theirs.text === base || theirs.text === held.text)) {
      held.entry = theirs;
      this.#set(held, "saving"); // another field changed, or the same was written twice: nothing to decide
      return;
    }
    const merged = theirs ? merge(base, held.text, theirs.text) : { text: held.text, conflicts: 0 };
    this.#set(held, "conflict");
    this.#keep(held);
    this.#wiring.conflict(held.entry.id, {
      base,
      yours: held.text,
      theirs,
      merged: merged.text,
      overlapping: merged.conflicts,
    });
  }
}
