// The page of a meeting: read once from the API, then kept up by the stream.

import * as api from "./api";
import { address, day, parseClock } from "./clock";
import { byId, fill, h } from "./dom";
import type { Entities } from "./figures";
import { Floor } from "./floor";
import { Known } from "./known";
import { Listening } from "./listening";
import { Log } from "./log";
import { Matrix } from "./matrix";
import { Search } from "./search";
import { Speaking } from "./speaking";
import { Follower } from "./stream";
import { t, tSlug } from "./text";
import type { CloudEvent, Meeting, Snapshot, TimeRow } from "./types";
import { meaning, STATES } from "./wording";

const SOON_MS = 250; // changes that come together are read together
const FIGURES_MS = 1500;
const AGAIN_MS = 4000; // while the server does not answer
const MANY = 8; // from so many changed interventions on, the whole list is read

const EXPORTS = ["jsonl", "csv", "parquet", "vtt", "srt", "txt", "html"] as const;

export class MeetingPage {
  #known = new Known();
  #meeting!: Meeting;
  #heardUntilMs = 0;
  #rows: TimeRow[] = [];
  #wanted = new Map<string, string | null>();
  #soon = 0;
  #later = 0;
  #floor!: Floor;
  #log!: Log;
  #speaking!: Speaking;
  #matrix!: Matrix;
  #listening!: Listening;

  constructor(private readonly meetingId: string) {}

  async open(): Promise<void> {
    // The cursor first: what happens while the page reads comes again by the stream.
    const after = await api.now();
    const meeting = (this.#meeting = await api.meeting(this.meetingId));
    const [items, snapshot, rows] = await Promise.all([
      api.interventions(this.meetingId),
      api.live(this.meetingId),
      api.entities(meeting.date),
    ]);
    const entities: Entities = new Map(rows.map((row) => [row.code, row]));
    const go = (ms: number, id?: string) => void this.#go(ms, id, true);
    this.#known.replace(items);
    this.#listening = new Listening(meeting);
    this.#floor = new Floor(this.#known, go);
    this.#log = new Log(this.#known, {
      meeting,
      playable: (ms, channel) => this.#listening.playable(ms, channel),
      play: (ms, channel) => this.#listening.play(ms, channel),
      changed: () => this.#listening.changed(),
    });
    this.#speaking = new Speaking(entities, go, (code) => this.#log.filter(code));
    this.#matrix = new Matrix(this.#known, meeting, (code) => entities.get(code)?.name ?? code, go);
    this.#head();
    this.#hear(snapshot);
    await this.#figures();
    byId("loading").hidden = true;
    byId("content").hidden = false;
    this.#draw();
    const search = new Search({ meetingId: this.meetingId, meeting: () => this.#meeting, go });
    void search.run();
    await this.#asked();
    addEventListener("popstate", () => void this.#asked());
    new Follower(this.meetingId, after, {
      event: (event) => this.#event(event),
      live: (heard) => this.#hear(heard),
      link: (up) => this.#link(up),
    });
    byId("main").dataset.ready = "true";
  }

  // The moment that the address names.
  async #asked(): Promise<void> {
    const ms = parseClock(new URLSearchParams(location.search).get("t") ?? "");
    if (ms !== null) await this.#go(ms);
  }

  async #go(ms: number, id?: string, remember = false): Promise<void> {
    if (remember) {
      const here = new URL(location.href);
      here.searchParams.set("t", address(ms));
      history.pushState(null, "", here);
    }
    const word = await this.#log.go(ms, id);
    this.#listening.stand(ms, word);
  }

  #event(event: CloudEvent): void {
    const { record_id: id, reason = null, successors = [] } = event.data;
    if (id === undefined) {
      if (event.type.startsWith("meeting.")) this.#want(null);
      return;
    }
    switch (event.type) {
      case "record.provisional":
        return; // what is said now comes as a whole
      case "record.withdrawn":
        this.#wanted.delete(id);
        this.#known.withdraw(id, reason);
        this.#draw();
        this.#want(null);
        return;
      case "record.retired":
        this.#known.drop(id);
        for (const each of successors) this.#want(each);
        this.#draw();
        return;
      case "record.corrected":
        this.#want(id, reason ? t("turn.corrected-why", { reason }) : t("turn.corrected"));
        return;
      default:
        this.#want(id);
    }
  }

  // Read soon what changed; null stands for the meeting itself.
  #want(id: string | null, note: string | null = null): void {
    if (id !== null) this.#wanted.set(id, note ?? this.#wanted.get(id) ?? null);
    if (!this.#soon) this.#soon = window.setTimeout(() => void this.#catchUp(), SOON_MS);
    clearTimeout(this.#later);
    this.#later = window.setTimeout(() => void this.#figures().catch(quiet), FIGURES_MS);
  }

  async #catchUp(): Promise<void> {
    this.#soon = 0;
    const wanted = this.#wanted;
    this.#wanted = new Map();
    try {
      if (wanted.size > MANY) this.#known.replace(await api.interventions(this.meetingId));
      else await Promise.all([...wanted.keys()].map((id) => this.#reread(id)));
      for (const [id, note] of wanted) if (note) this.#log.note(id, note);
      const meeting = await api.meeting(this.meetingId);
      Object.assign(this.#meeting, meeting);
      this.#listening.offer(meeting.audio ?? {});
    } catch (fault) {
      quiet(fault);
      for (const [id, note] of wanted) if (!this.#wanted.has(id)) this.#wanted.set(id, note);
      this.#soon = window.setTimeout(() => void this.#catchUp(), AGAIN_MS);
    }
    this.#head();
    this.#draw();
  }

  async #reread(id: string): Promise<void> {
    try {
      const item = await api.intervention(id, false);
      if (item.id === id) this.#known.put(item);
      else this.#known.drop(id); // others stand for it
    } catch (fault) {
      if (!(fault instanceof api.Refused)) throw fault;
      if (fault.status === 410) this.#known.withdraw(id, null);
      else this.#known.drop(id);
    }
  }

  async #figures(): Promise<void> {
    const [rows, themes] = await Promise.all([api.speakingTime(this.meetingId), api.themes(this.meetingId)]);
    this.#rows = rows;
    this.#speaking.show(rows, this.#known);
    this.#matrix.show(themes);
  }

  #hear(snapshot: Snapshot): void {
    const before = this.#meeting.state;
    this.#heardUntilMs = snapshot.heard_until_ms;
    this.#meeting.state = snapshot.state;
    this.#known.hear(snapshot);
    if (before !== snapshot.state) this.#head();
    this.#draw();
  }

  #draw(): void {
    if (byId("content").hidden) return;
    this.#floor.show(this.#meeting, this.#heardUntilMs);
    this.#speaking.show(this.#rows, this.#known);
    this.#speaking.showStrip(this.#known, this.#meeting, this.#heardUntilMs);
    this.#log.show();
    for (const link of document.querySelectorAll<HTMLAnchorElement>(".jump a")) {
      (link.parentElement as HTMLElement).hidden = byId(link.hash.slice(1)).hidden;
    }
  }

  #head(): void {
    const meeting = this.#meeting;
    document.title = t("page.meeting-title", { title: meeting.title });
    byId("title").textContent = meeting.title;
    byId("eyebrow").textContent = [meeting.body, day(meeting.date), meeting.symbol].filter(Boolean).join(" · ");
    const state = byId("state");
    state.textContent = tSlug("meeting", meeting.state);
    state.className = `chip state-${meeting.state}`;
    byId("synthetic").hidden = !meeting.synthetic;
    byId("licence").textContent = t("page.licence", { licence: meeting.licence });
    byId("full-log").setAttribute("href", `/meetings/${encodeURIComponent(meeting.id)}`);
    byId("nothing").textContent = meeting.audience === "published" ? t("log.nothing-published") : t("log.nothing-heard");
    fill(byId("states"), ...STATES.flatMap((each) => [h("dt", {}, tSlug("state", each)), h("dd", {}, meaning(each))]));
    fill(
      byId("files"),
      ...EXPORTS.map((each) => h("li", {}, h("a", { href: api.fileAddress(meeting.id, each) }, tSlug("file", each)))),
    );
  }

  #link(up: boolean): void {
    // A meeting that was closed meanwhile must not stay on the screen.
    if (!up) api.meeting(this.meetingId).catch((fault: unknown) => fault instanceof api.Refused && fault.status === 404 && location.reload());
    const link = byId("link");
    link.dataset.up = String(up);
    const label = up ? t("link.up") : t("link.lost");
    if (link.textContent !== label) link.textContent = label;
    link.hidden = false;
  }
}

function quiet(fault: unknown): void {
  if (!(fault instanceof api.Refused || fault instanceof api.Unreachable)) throw fault;
}
