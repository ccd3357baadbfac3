// The workbench of one meeting: what is read and shown of it, which intervention is selected, and the parts that work on it.

import * as api from "./api";
import { askReason } from "./correcting";
import { listenToKeys, run } from "./doing";
import { byId } from "./dom";
import { Drafts } from "./drafts";
import { tellFault } from "./faults";
import { Following } from "./following";
import { List } from "./list";
import { begin } from "./moving";
import { Names } from "./names";
import { showPanel } from "./panel";
import { Player } from "./player";
import { Reading } from "./reading";
import { correctable, RowView } from "./row";
import type { Saver } from "./saver";
import { saverOf } from "./saving";
import { settle, takeWaiting } from "./settling";
import { boundary } from "./shaping";
import { giveTo } from "./speaking";
import { t } from "./text";
import { Timeline } from "./timeline";
import { Transport } from "./transport";
import type { Entry, Meeting, Row, Session } from "./types";
import { offerDrafts } from "./unsaved";
import { drawSound } from "./waveform";
import { busy, Worked } from "./worked";

const DONE = ["approved", "published", "corrected"];

export class Workbench {
  readonly id: string;
  readonly session: Session;
  readonly saver: Saver;
  readonly list: List;
  readonly reading: Reading;
  readonly names: Names;
  meeting!: Meeting;
  player!: Player;
  timeline!: Timeline;
  transport!: Transport;
  selected: string | null = null;
  readonly #following: Following;
  readonly #drafts: Drafts;
  readonly #worked: Worked;

  constructor(id: string, session: Session) {
    this.id = id;
    this.session = session;
    this.#drafts = new Drafts(localStorage, session.person.id);
    this.reading = new Reading(this);
    this.names = new Names(this, () => this.#showSelected());
    this.#following = new Following(this);
    this.#worked = new Worked((seconds) => {
      if (this.selected && this.may("review")) void api.time(this.selected, seconds).catch(() => undefined);
    });
    this.saver = saverOf(this, this.#drafts, this.#following);
    this.list = new List(byId("rows"), byId("rows-space"), {
      make: (row, index, count) => this.#make(row, index, count),
      shown: () => this.reading.load(),
    });
  }

  get chair(): string {
    const title = this.meeting.meeting.chair?.title;
    return title ? t("heading.the-chair", { title }) : t("heading.chair");
  }

  may(action: string): boolean {
    return this.session.may.includes(action);
  }

  async open(): Promise<void> {
    this.meeting = await api.meeting(this.id);
    document.title = t("page.title-meeting", { title: this.meeting.meeting.title });
    const floor = this.meeting.channels.find((channel) => !channel.interpretation)?.name ?? "floor";
    this.player = new Player(byId<HTMLAudioElement>("audio"), `/desk/api/meetings/${encodeURIComponent(this.id)}/audio`, floor, this.#ends());
    this.timeline = new Timeline(byId("timeline"), {
      go: (ms) => {
        this.player.go(ms, { play: this.player.playing });
        const row = this.list.at(ms);
        if (row) this.select(row.record_id, true);
      },
      boundary: (edge, ms) => this.#try(boundary(this, edge, ms)),
    });
    this.transport = new Transport(this);
    busy(() => this.#worked.touch());
    this.#show();
    listenToKeys(this);
    this.#following.begin();
    drawSound(this);
    begin(this);
    void offerDrafts(this, this.#drafts);
    byId("desk").dataset.ready = "true";
  }

  // The meeting was read: show it as it is now.
  show(meeting: Meeting): void {
    this.meeting = meeting;
    this.player.ends = this.#ends();
    this.#show();
  }

  #ends(): Record<string, number> {
    return Object.fromEntries(this.meeting.channels.map((channel) => [channel.name, channel.end_ms]));
  }

  #rows(): Row[] {
    const interpretations = new Set(this.meeting.channels.filter((channel) => channel.interpretation).map((channel) => channel.name));
    return this.meeting.rows.filter((row) => !interpretations.has(row.channel)).sort((a, b) => a.start_ms - b.start_ms);
  }

  #show(): void {
    const rows = this.#rows();
    const before = this.row;
    const focused = this.view?.node.contains(document.activeElement) ?? false;
    this.list.show(rows);
    this.timeline.show({ ...this.meeting, rows }, this.player.channel);
    byId("progress").textContent = t("meeting.progress", { approved: rows.filter((row) => DONE.includes(row.state)).length, total: rows.length });
    byId("empty").hidden = rows.length > 0;
    if (before && !this.row) this.#goOn(before, focused);
    this.#showSelected();
  }

  // What was selected is gone, merged or undone: on with what stands where it began.
  #goOn(gone: Row, focused: boolean): void {
    const next = this.list.at(gone.start_ms);
    if (next && focused) this.goTo(next.record_id);
    else this.select(next?.record_id ?? null, false);
  }

  #make(row: Row, index: number, count: number): RowView {
    const id = row.record_id;
    const view = new RowView(row, index, count, this.chair, this.session.person.id, {
      changed: (text) => this.saver.edit(id, text),
      focused: () => this.select(id, false),
      left: () => void this.saver.flush(id),
      play: (ms) => this.player.go(ms),
      leave: () => {
        void this.saver.flush(id).then((done) => {
          if (!done && this.saver.status(id) === "reason") void this.#try(askReason(this, id));
        });
        view.node.focus();
      },
      selected: () => this.select(id, false),
      playFrom: (ms, channel) => {
        if (channel && channel !== this.player.channel) this.listenTo(channel);
        this.player.go(ms);
      },
    });
    const entry = this.saver.entry(id);
    if (entry) this.#fill(view, entry);
    else this.reading.want(id);
    view.select(id === this.selected);
    return view;
  }

  #fill(view: RowView, entry: Entry): void {
    view.showEntry(entry, this.saver.text(entry.id) ?? entry.text, this.may("review"));
    view.showStatus(this.saver.status(entry.id));
    this.#showChannel(view, entry);
  }

  listenTo(channel: string): void {
    this.player.listenTo(channel);
    for (const [id, view] of this.list.views) this.#showChannel(view, this.saver.entry(id));
    this.timeline.show({ ...this.meeting, rows: this.#rows() }, channel);
    drawSound(this);
    this.transport.heard(channel);
  }

  #showChannel(view: RowView, entry: Entry | undefined): void {
    view.showChannel(entry, this.meeting.channels.find((item) => item.name === this.player.channel));
  }

  select(id: string | null, bring: boolean): void {
    if (id && bring) this.list.bring(id);
    if (id === this.selected) return;
    if (this.selected) this.list.view(this.selected)?.select(false);
    this.#worked.change();
    this.selected = id;
    if (id && !this.saver.entry(id)) {
      this.reading.want(id);
      this.reading.load();
    }
    this.#showSelected();
  }

  goTo(id: string): void {
    this.select(id, true);
    this.list.bring(id)?.node.focus({ preventScroll: true });
  }

  get row(): Row | undefined {
    return this.selected ? this.list.row(this.selected) : undefined;
  }

  get entry(): Entry | undefined {
    return this.selected ? this.saver.entry(this.selected) : undefined;
  }

  get view(): RowView | undefined {
    return this.selected ? this.list.view(this.selected) : undefined;
  }

  #showSelected(): void {
    const { row, entry } = this;
    this.timeline.select(row ?? null, this.may("review") && row !== undefined && correctable(row.state));
    showPanel(byId("panel"), row, entry, {
      run: (id) => this.run(id),
      play: (from, until, channel) => {
        if (channel !== this.player.channel) this.listenTo(channel);
        this.player.go(from, { untilMs: until });
      },
      choose: (code) => void this.#try(giveTo(this, code)),
      settle: (conflict, how) => void this.#try(settle(this, conflict, how)),
      takeWaiting: () => void this.#try(takeWaiting(this)),
      may: (action) => this.may(action),
      nameOf: (code) => this.names.of(code),
      rowOf: (id: string) => this.list.row(id),
    });
    this.view?.select(true);
  }

  run(id: string): void {
    run(this, id);
  }

  // Show what is known of a record: it was read, or another text was chosen for it.
  shown(id: string, anew = true): void {
    const view = this.list.view(id);
    const entry = this.saver.entry(id);
    if (view && entry && (anew || !view.editor)) this.#fill(view, entry);
    if (id === this.selected) this.#showSelected();
  }

  async #try(done: Promise<unknown>): Promise<void> {
    await done.catch((fault: unknown) => this.fault(fault));
  }

  fault(fault: unknown): void {
    if (!tellFault(fault).stale) return;
    void this.reading.refresh();
    if (this.selected) void this.reading.fetch([this.selected]);
  }
}
