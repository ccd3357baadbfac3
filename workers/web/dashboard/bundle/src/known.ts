// What is known of a meeting's interventions: those that stand, those that are open, and those that are gone.

import type { Intervention, Snapshot } from "./types";

export const SUBDUED = new Set(["chair", "procedural", "suspension", "minute_of_silence"]);

export interface Gone {
  id: string;
  startMs: number;
  reason: string | null;
}

export const startMs = (item: Intervention): number => item.spans[0]?.start_ms ?? 0;
export const endMs = (item: Intervention): number => item.spans.at(-1)?.end_ms ?? 0;
export const saidMs = (item: Intervention): number => item.spans.reduce((sum, span) => sum + span.end_ms - span.start_ms, 0);
export const isQuiet = (item: Intervention): boolean => SUBDUED.has(item.kind);

export class Known {
  #standing = new Map<string, Intervention>();
  #open = new Map<string, Intervention>();
  #gone = new Map<string, Gone>();
  #holder: string | null = null;

  // All that stands, read anew: what is no longer among it was retired meanwhile.
  replace(items: Intervention[]): void {
    this.#standing = new Map(items.map((item) => [item.id, item]));
    for (const item of items) this.#gone.delete(item.id);
  }

  // An older revision than the one that is there changes nothing.
  put(item: Intervention): boolean {
    const there = this.#standing.get(item.id);
    if (there && (there.revision ?? 0) > (item.revision ?? 0)) return false;
    this.#standing.set(item.id, item);
    this.#open.delete(item.id);
    this.#gone.delete(item.id);
    return true;
  }

  // Only what was shown here leaves a note.
  withdraw(id: string, reason: string | null): void {
    const there = this.#standing.get(id) ?? this.#open.get(id);
    this.drop(id);
    if (there) this.#gone.set(id, { id, startMs: startMs(there), reason });
  }

  drop(id: string): void {
    this.#standing.delete(id);
    this.#open.delete(id);
  }

  hear(snapshot: Snapshot): void {
    this.#holder = snapshot.floor?.record_id ?? null;
    this.#open = new Map(snapshot.open.filter((item) => !this.#standing.has(item.id)).map((item) => [item.id, item]));
  }

  get(id: string): Intervention | undefined {
    return this.#standing.get(id) ?? this.#open.get(id);
  }

  get standing(): Intervention[] {
    return inOrder(this.#standing.values());
  }

  get open(): Intervention[] {
    return inOrder(this.#open.values());
  }

  // Who has the floor now.
  get holder(): Intervention | undefined {
    return this.#holder === null ? undefined : this.get(this.#holder);
  }

  get all(): Intervention[] {
    return inOrder([...this.#standing.values(), ...this.#open.values()]);
  }

  get gone(): Gone[] {
    return [...this.#gone.values()];
  }

  // Whose floor it was at a moment: what was going on then, else the last one before, else the first.
  at(ms: number): Intervention | undefined {
    const items = this.all;
    const during = items.filter((item) => item.spans.some((span) => span.start_ms <= ms && ms < span.end_ms));
    return during.at(-1) ?? items.findLast((item) => startMs(item) <= ms) ?? items[0];
  }
}

function inOrder(items: Iterable<Intervention>): Intervention[] {
  return [...items].sort((a, b) => startMs(a) - startMs(b) || (a.id < b.id ? -1 : 1));
}
