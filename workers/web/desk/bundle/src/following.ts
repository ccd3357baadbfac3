// What others do arrives by itself: the stream of changes, and what happens when the connection is lost.

import * as api from "./api";
import { byId } from "./dom";
import type { Workbench } from "./meeting";
import { t } from "./text";

const NEWS_MS = 400; // changes that come closer together are read together
const AGAIN_MS = 2000;

export class Following {
  #bench: Workbench;
  #lost = false;
  #news = new Set<string>();
  #timer = 0;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  begin(): void {
    this.#connect();
    const { saver } = this.#bench;
    addEventListener("online", () => void saver.flushAll());
    addEventListener("beforeunload", (event) => {
      const kept = saver.unsaved.filter((id) => saver.status(id) !== "conflict");
      if (kept.length === 0) return;
      void saver.flushAll();
      event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") void saver.flushAll();
    });
  }

  #connect(): void {
    const source = api.changes(this.#bench.id, this.#bench.meeting.version);
    source.addEventListener("open", () => this.#link(true));
    source.addEventListener("changed", (event) => {
      const change = JSON.parse((event as MessageEvent<string>).data) as { record_ids: string[] | null };
      this.#heard(change.record_ids ?? [...this.#bench.list.views.keys()]);
    });
    source.addEventListener("error", () => {
      this.#link(false);
      if (source.readyState === EventSource.CLOSED) window.setTimeout(() => this.#connect(), AGAIN_MS);
    });
  }

  #heard(ids: readonly string[]): void {
    const { saver, list } = this.#bench;
    for (const id of ids) this.#news.add(id);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      const known = [...this.#news].filter((id) => saver.entry(id));
      this.#news.clear();
      void this.#bench.reading.refresh().then(() => this.#bench.reading.fetch(known.filter((id) => list.index(id) >= 0)));
    }, NEWS_MS);
  }

  #link(open: boolean): void {
    if (open && this.#lost) void this.#bench.saver.flushAll().then(() => this.#bench.reading.refresh());
    this.#lost = !open;
    this.show(open ? "clean" : "offline");
  }

  show(status: string): void {
    const node = byId("link");
    const lost = this.#lost || status === "offline";
    node.hidden = !lost;
    node.textContent = lost ? t("link.lost") : "";
    byId("desk").dataset.link = lost ? "lost" : "open";
  }
}
