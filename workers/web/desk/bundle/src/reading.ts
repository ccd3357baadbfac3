// What the page knows of the meeting's records: fetched when they are seen, and again when they change.

import * as api from "./api";
import type { Workbench } from "./meeting";
import type { Changed, Entry } from "./types";

const AT_ONCE = 50; // records that the server gives at once

export class Reading {
  #bench: Workbench;
  #wanted = new Set<string>();
  #asking = 0;
  #refreshing: Promise<void> | null = null;
  #again = false;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  want(id: string): void {
    this.#wanted.add(id);
  }

  // Fetch what is wanted, if it is still on the screen.
  load(): void {
    if (this.#asking || this.#wanted.size === 0) return;
    this.#asking = window.setTimeout(() => {
      const { list, selected } = this.#bench;
      const ids = [...this.#wanted].filter((id) => list.view(id) || id === selected).slice(0, AT_ONCE);
      this.#wanted.clear();
      this.#asking = 0;
      if (ids.length) void this.fetch(ids).then(() => this.load());
    }, 16);
  }

  // Read records again, whether they are on the screen or not.
  async fetch(ids: readonly string[]): Promise<void> {
    try {
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const { records } = await api.records(this.#bench.id, ids.slice(at, at + AT_ONCE));
        for (const entry of records) this.#accept(entry);
      }
    } catch (fault) {
      this.#bench.fault(fault);
    }
  }

  #accept(entry: Entry): void {
    const { saver } = this.#bench;
    const toShow = saver.accept(entry);
    this.#bench.shown(entry.id, toShow || saver.entry(entry.id) === entry);
  }

  // What a correction of ours made: shown at once, and the rows follow. Steps over a whole meeting answer without words,
  // and conflicts are told by reading only: such records are read again.
  took(changed: Changed): void {
    const { saver } = this.#bench;
    for (const id of changed.retired) saver.forget(id);
    const again: string[] = [];
    for (const entry of changed.records) {
      const before = saver.entry(entry.id);
      if (before && (!entry.words || before.conflicts?.length || entry.review.conflicts)) again.push(entry.id);
      if (before || entry.words) this.#accept({ ...before, ...entry });
    }
    if (again.length) void this.fetch(again);
    void this.refresh();
  }

  // Read the meeting without its words.
  async refresh(): Promise<void> {
    this.#again = true;
    this.#refreshing ??= this.#read().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #read(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        this.#bench.show(await api.meeting(this.#bench.id));
      } catch (fault) {
        this.#bench.fault(fault);
        return;
      }
    }
  }
}
