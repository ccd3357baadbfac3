// Keeping up: one event stream, which resumes where it broke off and rests while nobody looks at the page.

import * as api from "./api";
import type { CloudEvent, Snapshot } from "./types";

const TYPES = [
  "record.provisional",
  "record.created",
  "record.revised",
  "record.published",
  "record.corrected",
  "record.withdrawn",
  "record.retired",
  "meeting.started",
  "meeting.ended",
  "gap.opened",
] as const;

// After an answer that a browser does not retry by itself; spread, so that readers do not come back all at once.
const againAfterMs = () => 3000 + Math.random() * 3000;

export interface Listener {
  event(event: CloudEvent): void;
  live(snapshot: Snapshot): void;
  link(up: boolean): void;
}

export class Follower {
  #source: EventSource | null = null;
  #timer = 0;
  #seen = new Set<string>();

  constructor(
    private readonly meetingId: string,
    private after: string,
    private readonly listener: Listener,
  ) {
    // Browsers allow six connections to a server: hidden tabs must not hold them.
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#close() : this.#open()));
    this.#open();
  }

  #open(): void {
    clearTimeout(this.#timer);
    if (this.#source || document.hidden) return;
    const source = (this.#source = new EventSource(api.streamAddress(this.meetingId, this.after)));
    source.addEventListener("open", () => this.listener.link(true));
    source.addEventListener("live", (event: MessageEvent<string>) => this.listener.live(JSON.parse(event.data) as Snapshot));
    for (const type of TYPES) source.addEventListener(type, (event: MessageEvent<string>) => this.#hear(event));
    source.addEventListener("error", () => {
      this.listener.link(false);
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again, and says which event it had last
      this.#close();
      this.#timer = window.setTimeout(() => this.#open(), againAfterMs());
    });
  }

  #hear(message: MessageEvent<string>): void {
    if (message.lastEventId) this.after = message.lastEventId;
    const event = JSON.parse(message.data) as CloudEvent;
    if (this.#seen.has(event.id)) return; // delivered at least once
    this.#seen.add(event.id);
    this.listener.event(event);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
