// The workbench of one meeting: it joins the list, the player, the timeline, the saver and the panel.

import * as api from "./api";
import { clock } from "./clock";
import { all, commandFor, MARKS, type CommandId } from "./commands";
import { showConflict } from "./conflict";
import { merge } from "./diff";
import { byId, fill, h, say, tell } from "./dom";
import { Drafts } from "./drafts";
import { openHelp, singleKeys } from "./help";
import { openHistory } from "./history";
import { List } from "./list";
import { commandButton, showPanel } from "./panel";
import { Player } from "./player";
import { correctable, RowView } from "./row";
import { Saver } from "./saver";
import { Structure } from "./structure";
import { t } from "./text";
import { Timeline } from "./timeline";
import type { Changed, Entry, Meeting, Row, Session } from "./types";
import { busy, Worked } from "./worked";

const AT_ONCE = 50; // records that the server gives at once
const NEWS_MS = 400; // changes that come closer together are read together
const SKIP_MS = 5000;
const PEAKS_MS = 500; // a waveform that is not whole yet is asked for again

export class Workbench {
  readonly id: string;
  readonly session: Session;
  meeting!: Meeting;
  readonly saver: Saver;
  readonly list: List;
  player!: Player;
  timeline!: Timeline;
  selected: string | null = null;
  readonly structure: Structure;
  readonly #drafts: Drafts;
  #wanted = new Set<string>();
  #asking = 0;
  #names = new Map<string, string>();
  #follow = true;
  #worked: Worked;
  #lost = false;

  constructor(id: string, session: Session) {
    this.id = id;
    this.session = session;
    this.#drafts = new Drafts(localStorage, session.person.id);
    this.#worked = new Worked((seconds) => {
      if (this.selected && this.may("review")) void api.time(this.selected, seconds).catch(() => undefined);
    });
    this.saver = new Saver({
      correct: api.correct,
      keep: (kept) => {
        if (!this.#drafts.keep({ ...kept, meeting_id: id, at: Date.now() })) tell(t("draft.full"), "fault");
      },
      forget: (record) => this.#drafts.forget(record),
      status: (record, status, detail) => {
        this.list.view(record)?.showStatus(status, detail);
        if (status === "clean") this.list.view(record)?.editor?.saved();
        this.#showLink(status);
      },
      conflict: (record, conflict) => {
        say(t("conflict.said"));
        void showConflict(this, record, conflict);
      },
      changed: (changed) => this.took(changed),
      needsReason: (entry) => entry.review.state === "published" || entry.review.state === "corrected",
    });
    this.structure = new Structure(this);
    this.list = new List(byId("rows"), byId("rows-space"), {
      make: (row, index, count) => this.#make(row, index, count),
      shown: () => this.#load(),
      gone: () => undefined,
    });
  }

  get chair(): string {
    const title = this.meeting.meeting.chair?.title;
    return title ? `The ${title}` : t("heading.chair");
  }

  may(action: string): boolean {
    return this.session.may.includes(action);
  }

  async open(): Promise<void> {
    this.meeting = await api.meeting(this.id);
    const floor = this.meeting.channels.find((channel) => !channel.interpretation)?.name ?? "floor";
    this.player = new Player(byId<HTMLAudioElement>("audio"), `/desk/api/meetings/${encodeURIComponent(this.id)}/audio`, floor, this.#ends());
    this.timeline = new Timeline(byId("timeline"), {
      go: (ms) => {
        this.player.go(ms, { play: this.player.playing });
        const row = this.list.at(ms);
        if (row) this.select(row.record_id, true);
      },
      boundary: (edge, ms) => void this.structure.boundary(edge, ms),
    });
    this.#frame();
    this.#show();
    this.#keys();
    this.#listen();
    this.#sound();
    this.#begin();
    void this.#offerDrafts();
    byId("desk").dataset.ready = "true";
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
    this.list.show(rows);
    this.timeline.show({ ...this.meeting, rows }, this.player.channel);
    const approved = rows.filter((row) => ["approved", "published", "corrected"].includes(row.state)).length;
    byId("progress").textContent = t("meeting.progress", { approved, total: rows.length });
    byId("empty").hidden = rows.length > 0;
    if (this.selected && this.list.index(this.selected) < 0) this.select(this.list.at(this.player.positionMs)?.record_id ?? null, false);
    this.#showSelected();
  }

  #make(row: Row, index: number, count: number): RowView {
    const id = row.record_id;
    const view = new RowView(row, index, count, this.chair, this.session.person.id, {
      changed: (text) => this.saver.edit(id, text),
      focused: () => this.select(id, false),
      left: () => void this.saver.flush(id),
      play: (ms) => this.#hear(ms),
      leave: () => {
        void this.saver.flush(id).then((done) => {
          if (!done && this.saver.status(id) === "reason") void this.structure.askReason(id);
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
    else this.#wanted.add(id);
    view.select(id === this.selected);
    return view;
  }

  #fill(view: RowView, entry: Entry): void {
    view.showEntry(entry, this.saver.text(entry.id) ?? entry.text, this.may("review"));
    view.showStatus(this.saver.status(entry.id));
    this.#showChannel(view, entry);
  }

  // A word was chosen: hear it. While an interpreter is heard the moment is the same on that channel.
  #hear(ms: number): void {
    this.player.go(ms);
  }

  #load(): void {
    if (this.#asking || this.#wanted.size === 0) return;
    this.#asking = window.setTimeout(() => {
      const ids = [...this.#wanted].filter((id) => this.list.view(id) || id === this.selected).slice(0, AT_ONCE);
      this.#wanted.clear();
      this.#asking = 0;
      if (ids.length) void this.fetch(ids).then(() => this.#load());
    }, 16);
  }

  // Read records again, whether they are on the screen or not.
  async fetch(ids: readonly string[]): Promise<void> {
    try {
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const { records } = await api.records(this.id, ids.slice(at, at + AT_ONCE));
        for (const entry of records) this.accept(entry);
      }
    } catch (fault) {
      this.fault(fault);
    }
  }

  accept(entry: Entry): void {
    const toShow = this.saver.accept(entry);
    const view = this.list.view(entry.id);
    const own = this.saver.entry(entry.id);
    if (view && own && (toShow || own === entry || !view.editor)) {
      this.#fill(view, own);
    }
    if (entry.id === this.selected) this.#showSelected();
  }

  // What a correction of ours made: shown at once, and the rows follow.
  took(changed: Changed): void {
    for (const id of changed.retired) this.saver.forget(id);
    // Steps over a whole meeting answer without the words: the rest counts at once, for the next step needs the new
    // revision, and the words of what is known here are read again.
    for (const entry of changed.records) {
      const known = this.saver.entry(entry.id);
      if (entry.words) this.accept(entry);
      else if (known) this.accept({ ...known, ...entry });
    }
    const bare = changed.records.filter((entry) => !entry.words && this.saver.entry(entry.id)).map((entry) => entry.id);
    if (bare.length) void this.fetch(bare);
    void this.refresh();
  }

  #refreshing: Promise<void> | null = null;
  #again = false;

  async refresh(): Promise<void> {
    if (this.#refreshing) {
      this.#again = true;
      return this.#refreshing;
    }
    this.#refreshing = (async () => {
      do {
        this.#again = false;
        try {
          this.meeting = await api.meeting(this.id);
        } catch (fault) {
          this.fault(fault);
          return;
        }
        this.player.ends = this.#ends();
        this.#show();
      } while (this.#again);
    })().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  #listen(): void {
    let source: EventSource;
    let timer = 0;
    const news = new Set<string>();
    const connect = () => {
      source = api.changes(this.id, this.meeting.version);
      source.addEventListener("open", () => this.#link(true));
      source.addEventListener("changed", (event) => {
        const change = JSON.parse((event as MessageEvent<string>).data) as { record_ids: string[] | null };
        for (const id of change.record_ids ?? this.list.views.keys()) news.add(id);
        clearTimeout(timer);
        timer = window.setTimeout(() => {
          const ids = [...news].filter((id) => this.saver.entry(id));
          news.clear();
          void this.refresh().then(() => this.fetch(ids.filter((id) => this.list.index(id) >= 0)));
        }, NEWS_MS);
      });
      source.addEventListener("error", () => {
        this.#link(false);
        if (source.readyState === EventSource.CLOSED) window.setTimeout(connect, 2000);
      });
    };
    connect();
    addEventListener("online", () => void this.saver.flushAll());
    addEventListener("beforeunload", (event) => {
      const kept = this.saver.unsaved.filter((id) => this.saver.status(id) !== "conflict");
      if (kept.length === 0) return;
      void this.saver.flushAll();
      event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") void this.saver.flushAll();
    });
  }

  #link(open: boolean): void {
    if (open && this.#lost) void this.saver.flushAll().then(() => this.refresh());
    this.#lost = !open;
    this.#showLink(open ? "clean" : "offline");
  }

  #showLink(status: string): void {
    const node = byId("link");
    const lost = this.#lost || status === "offline";
    node.hidden = !lost;
    node.textContent = lost ? t("link.lost") : "";
    byId("desk").dataset.link = lost ? "lost" : "open";
  }

  #sound(): void {
    const channel = this.player.channel;
    void api
      .peaks(this.id, channel, 10)
      .then((found) => {
        if (this.player.channel !== channel) return;
        this.timeline.sound(found);
        if (!found.complete) window.setTimeout(() => this.player.channel === channel && this.#sound(), PEAKS_MS);
      })
      .catch(() => this.timeline.sound(null));
  }

  // ---- selection

  select(id: string | null, bring: boolean): void {
    if (id && bring) this.list.bring(id);
    if (id === this.selected) return;
    if (this.selected) this.list.view(this.selected)?.select(false);
    this.#worked.change();
    this.selected = id;
    if (id) {
      this.list.view(id)?.select(true);
      if (!this.saver.entry(id)) {
        this.#wanted.add(id);
        this.#load();
      }
    }
    this.#showSelected();
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
      choose: (code) => void this.structure.giveTo(code),
      settle: (conflict, take) => void this.structure.settle(conflict, take),
      may: (action) => this.may(action),
      nameOf: (code) => this.nameOf(code),
    });
    this.view?.select(true);
  }

  nameOf(code: string): string {
    const known = this.#names.get(code);
    if (known !== undefined) return known;
    this.#names.set(code, code);
    if (code === "CHAIR") this.#names.set(code, this.chair);
    else
      void api
        .entities(code, this.meeting.meeting.date)
        .then(({ entities }) => {
          const found = entities.find((item) => item.code === code);
          if (!found) return;
          this.#names.set(code, found.names?.en ?? found.name);
          this.#showSelected();
        })
        .catch(() => this.#names.delete(code));
    return this.#names.get(code) ?? code;
  }

  // ---- frame: player bar, buttons

  #frame(): void {
    const { player } = this;
    const run = (id: string) => this.run(id);
    const labels: Record<string, string> = { play: "▶", back: "−5", forward: "+5" };
    fill(
      byId("transport"),
      ...["back", "play", "forward"].map((id) => {
        const button = commandButton(id, run, { class: "command signed" });
        button.prepend(h("span", { "aria-hidden": "true" }, labels[id] ?? ""));
        return button;
      }),
      h("span", { id: "position" }, clock(0)),
      h("label", { class: "rate" }, h("span", { class: "unseen" }, t("player.rate")), this.#rates()),
      commandButton("loop", run, { pressed: false }),
      commandButton("follow", run, { pressed: true }),
      this.meeting.channels.length > 1 ? h("label", { class: "listen" }, h("span", { class: "unseen" }, t("player.channel")), this.#channels()) : null,
      this.meeting.channels.length > 1 ? commandButton("channel", run) : null,
    );
    fill(
      byId("tools"),
      ...["undo", "redo", "find", "insert", "approve-all", "help"]
        .filter((id) => {
          const may = all.find((item) => item.id === id)?.may;
          return !may || this.may(may);
        })
        .map((id) => commandButton(id, run)),
    );
    fill(
      byId("marks"),
      ...(this.may("review")
        ? MARKS.map((mark, index) => {
            const button = commandButton(`mark-${index + 1}`, run, { label: mark });
            button.addEventListener("mousedown", (event) => event.preventDefault()); // the cursor stays in the text
            return button;
          })
        : []),
    );
    player.addEventListener("change", () => this.#position());
    player.addEventListener("fault", () => tell(t("player.fault"), "fault"));
    busy(() => this.#worked.touch());
  }

  #rates(): HTMLSelectElement {
    const select = h("select", { id: "rate" }, ...[0.5, 0.75, 1, 1.25, 1.5, 1.75, 2].map((rate) => h("option", { value: rate, selected: rate === 1 }, `${rate}×`)));
    select.addEventListener("change", () => (this.player.rate = Number(select.value)));
    return select;
  }

  #channels(): HTMLSelectElement {
    const select = h("select", { id: "channel" }, ...this.meeting.channels.map((channel) => h("option", { value: channel.name }, channel.label)));
    select.value = this.player.channel;
    select.addEventListener("change", () => this.listenTo(select.value));
    return select;
  }

  listenTo(channel: string): void {
    this.player.listenTo(channel);
    const select = document.getElementById("channel") as HTMLSelectElement | null;
    if (select) select.value = channel;
    for (const [id, view] of this.list.views) this.#showChannel(view, this.saver.entry(id));
    this.timeline.show({ ...this.meeting, rows: this.#rows() }, channel);
    this.#sound();
    say(this.meeting.channels.find((item) => item.name === channel)?.label ?? channel);
  }

  #showChannel(view: RowView, entry: Entry | undefined): void {
    const channel = this.meeting.channels.find((item) => item.name === this.player.channel);
    view.showChannel(entry, channel?.interpretation ? channel.name : "floor", channel?.label ?? "");
  }

  #lighting = false;

  #position(): void {
    const { player } = this;
    byId("position").textContent = `${clock(player.positionMs)} / ${clock(player.endMs)}`;
    const play = document.querySelector<HTMLElement>("#transport [data-command=play]");
    const name = play?.querySelector("span:not([aria-hidden])");
    if (name) name.textContent = player.playing ? t("player.pause") : t("command.play");
    play?.classList.toggle("playing", player.playing);
    document.querySelector("#transport [data-command=loop]")?.setAttribute("aria-pressed", String(player.looping));
    byId("desk").dataset.playing = String(player.playing);
    this.timeline.at(player.positionMs);
    if (player.playing && !this.#lighting) {
      this.#lighting = true;
      requestAnimationFrame(() => this.#light());
    }
    if (!player.playing) this.#spoken();
  }

  #light(): void {
    this.player.check();
    this.#spoken();
    this.timeline.at(this.player.positionMs);
    this.#lighting = this.player.playing;
    if (this.#lighting) requestAnimationFrame(() => this.#light());
  }

  #litRow: string | null = null;

  #spoken(): void {
    const ms = this.player.positionMs;
    const row = this.list.at(ms);
    const id = row?.record_id ?? null;
    const channel = this.player.channel;
    const floor = this.meeting.channels.find((item) => item.name === channel)?.interpretation ? channel : "floor";
    if (this.#litRow && this.#litRow !== id) this.list.view(this.#litRow)?.light(null, floor);
    if (id && this.#litRow !== id && this.#follow && this.player.playing && !this.#elsewhere(id)) this.list.bring(id);
    this.#litRow = id;
    const word = id ? this.list.view(id)?.light(ms, floor) : null;
    if (word && this.#follow && this.player.playing && id && !this.#elsewhere(id)) this.#keepInView(word);
  }

  // Somebody types in another intervention: the page does not run away from them.
  #elsewhere(id: string): boolean {
    const editing = [...this.list.views].find(([, view]) => view.editor?.focused);
    return editing !== undefined && editing[0] !== id;
  }

  #keepInView(word: HTMLElement): void {
    const box = word.getBoundingClientRect();
    const frame = this.list.scroller.getBoundingClientRect();
    if (box.top < frame.top + 8 || box.bottom > frame.bottom - 40) this.list.scroller.scrollTop += box.top - frame.top - frame.height / 3;
  }

  // ---- keys and commands

  #keys(): void {
    document.addEventListener(
      "keydown",
      (event) => {
        if (event.isComposing || document.querySelector("dialog[open]")) return;
        const target = event.target as HTMLElement;
        const typing = target.closest("input:not([type=checkbox]), textarea, select, [contenteditable=true]") !== null;
        if (!typing && (event.key === " " || event.key === "Enter") && target.closest("button, a, summary")) return;
        const command = commandFor(event, typing, singleKeys());
        if (!command) return;
        if (target.getAttribute("role") === "slider" && /^(Shift\+)?Arrow|^Enter$/.test(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        this.run(command.id);
      },
      true,
    );
  }

  run(id: string): void {
    const command = all.find((item) => item.id === id);
    if (!command) return;
    if (command.may && !this.may(command.may)) {
      tell(t("fault.not-allowed"), "fault");
      return;
    }
    const mark = /^mark-(\d)$/.exec(id);
    if (mark) {
      this.view?.editor?.insert(MARKS[Number(mark[1]) - 1] ?? "");
      return;
    }
    void Promise.resolve(this.#do(id as CommandId)).catch((fault: unknown) => this.fault(fault));
  }

  #do(id: CommandId): void | Promise<void> {
    const { player, structure } = this;
    switch (id) {
      case "play": return player.toggle();
      case "back": return player.go(player.positionMs - SKIP_MS, { play: player.playing });
      case "forward": return player.go(player.positionMs + SKIP_MS, { play: player.playing });
      case "play-word": return this.view?.editor?.playFrom(Math.max(0, this.view.editor.cursor));
      case "play-start": return this.row && player.go(this.row.start_ms);
      case "loop": return player.loop(player.looping || !this.row ? null : { from: this.row.start_ms, to: this.row.end_ms });
      case "slower": return this.#speed(-0.25);
      case "faster": return this.#speed(0.25);
      case "channel": return this.#otherChannel();
      case "follow": return this.#setFollow(!this.#follow);
      case "next": return this.#step(1);
      case "previous": return this.#step(-1);
      case "next-open": return this.#nextOpen();
      case "next-unsure": return this.#nextUnsure();
      case "edit": return this.#edit();
      case "panel": return this.#focusPanel();
      case "save": return this.#save();
      case "undo": return structure.undo();
      case "redo": return structure.redo();
      case "find": return structure.find();
      case "speaker": return structure.speaker();
      case "person": return structure.person();
      case "behalf": return structure.behalf();
      case "kind": return structure.kind();
      case "language": return structure.language();
      case "start-now": return structure.boundary("start", player.positionMs);
      case "end-now": return structure.boundary("end", player.positionMs);
      case "split": return structure.split();
      case "merge": return structure.merge();
      case "insert": return structure.insert();
      case "off-record": return structure.offRecord();
      case "note": return structure.note();
      case "claim": return structure.claim();
      case "approve": return structure.approve();
      case "approve-all": return structure.approveAll();
      case "publish": return structure.state("published");
      case "withdraw": return structure.state("withdrawn");
      case "history": return this.selected ? openHistory(this, this.selected) : undefined;
      case "help": return openHelp();
      case "queue": return location.assign("/desk");
    }
  }

  #speed(by: number): void {
    this.player.rate += by;
    byId<HTMLSelectElement>("rate").value = String(this.player.rate);
    say(t("player.speed", { rate: this.player.rate }));
  }

  #back = "";

  // One key: from the floor to the interpretation heard last, and back, at the same instant.
  #otherChannel(): void {
    const { channels } = this.meeting;
    const here = channels.find((item) => item.name === this.player.channel);
    const other = here?.interpretation
      ? channels.find((item) => !item.interpretation)
      : (channels.find((item) => item.name === this.#back) ?? channels.find((item) => item.interpretation && item.language === "en") ?? channels.find((item) => item.interpretation));
    if (!other) {
      tell(t("player.one-channel"));
      return;
    }
    if (here?.interpretation) this.#back = here.name;
    this.listenTo(other.name);
  }

  #setFollow(on: boolean): void {
    this.#follow = on;
    document.querySelector("#transport [data-command=follow]")?.setAttribute("aria-pressed", String(on));
    say(on ? t("player.follows") : t("player.stays"));
  }

  #step(by: number): void {
    const { rows } = this.list;
    const here = this.selected ? this.list.index(this.selected) : -1;
    const row = rows[Math.max(0, Math.min(rows.length - 1, here + by))];
    if (row) this.goTo(row.record_id);
  }

  goTo(id: string): void {
    this.select(id, true);
    this.list.bring(id)?.node.focus({ preventScroll: true });
  }

  #nextOpen(): void {
    const here = this.selected ? this.list.index(this.selected) : -1;
    const { rows } = this.list;
    const open = (row: Row) => row.state === "machine" || row.state === "in_review";
    const row = [...rows.slice(here + 1), ...rows.slice(0, here + 1)].find(open);
    if (row) this.goTo(row.record_id);
    else tell(t("meeting.nothing-open"));
  }

  #nextUnsure(): void {
    if (!this.view?.editor?.nextUnsure()) tell(t("text.no-unsure"));
  }

  #edit(): void {
    if (this.view?.editor) this.view.editor.focus();
    else this.#step(this.selected ? 0 : 1);
  }

  #focusPanel(): void {
    const panel = byId("panel");
    if (panel.contains(document.activeElement)) this.view?.node.focus();
    else (panel.querySelector<HTMLElement>("button") ?? panel).focus();
  }

  async #save(): Promise<void> {
    const waiting = this.saver.unsaved.find((id) => this.saver.status(id) === "reason");
    if (waiting) await this.structure.askReason(waiting);
    if (await this.saver.flushAll()) tell(t("save.all"));
  }

  // ---- beginning

  #begin(): void {
    const asked = new URLSearchParams(location.search);
    const wanted = asked.get("record");
    const at = Number(asked.get("at_ms") ?? NaN);
    const row = (wanted ? this.list.row(wanted) : undefined) ?? (Number.isFinite(at) ? this.list.at(at) : this.list.rows[0]);
    this.player.prepare();
    if (!row) return;
    this.list.bring(row.record_id, "start");
    this.goTo(row.record_id);
    this.player.go(Number.isFinite(at) ? at : row.start_ms, { play: false });
  }

  // What was written and never saved, by a tab that was closed or a connection that was lost.
  async #offerDrafts(): Promise<void> {
    const kept = this.#drafts.of(this.id);
    await this.fetch(kept.map((draft) => draft.record_id).filter((id) => !this.saver.entry(id)));
    const arrived = (id: string, text: string) => this.saver.entry(id)?.text === text; // the last save did get through
    for (const draft of kept) if (arrived(draft.record_id, draft.text)) this.#drafts.forget(draft.record_id);
    const drafts = kept.filter((draft) => !arrived(draft.record_id, draft.text));
    const box = byId("drafts");
    box.hidden = drafts.length === 0;
    if (drafts.length === 0) return;
    const done = (recordId: string) => {
      box.querySelector(`[data-draft="${recordId}"]`)?.remove();
      if (!box.querySelector("[data-draft]")) box.hidden = true;
    };
    fill(
      box,
      h("p", {}, h("strong", {}, t("draft.found"))),
      ...drafts.map((draft) =>
        h(
          "p",
          { "data-draft": draft.record_id },
          h("q", { dir: "auto" }, draft.text.slice(0, 140)),
          " ",
          h(
            "button",
            {
              type: "button",
              class: "primary",
              onclick: () => {
                void this.#takeUp(draft.record_id, draft.base, draft.text).then(() => done(draft.record_id));
              },
            },
            t("draft.take"),
          ),
          " ",
          h("button", { type: "button", onclick: () => (this.#drafts.forget(draft.record_id), done(draft.record_id)) }, t("draft.drop")),
        ),
      ),
    );
    say(t("draft.found"));
  }

  async #takeUp(id: string, base: string, text: string): Promise<void> {
    const entry = this.saver.entry(id);
    if (!entry) {
      await showConflict(this, id, { base, yours: text, theirs: null, merged: text, overlapping: 0 });
      return;
    }
    this.goTo(id);
    if (entry.text === base || entry.text === text) {
      this.saver.edit(id, text);
      const view = this.list.view(id);
      if (view) this.#fill(view, entry);
      await this.saver.flush(id);
      return;
    }
    const merged = merge(base, text, entry.text);
    await showConflict(this, id, { base, yours: text, theirs: entry, merged: merged.text, overlapping: merged.conflicts });
  }

  // Show a text that the reviewer chose for a record.
  chose(id: string): void {
    const view = this.list.view(id);
    const entry = this.saver.entry(id);
    if (view && entry) this.#fill(view, entry);
  }

  fault(fault: unknown): void {
    if (fault instanceof api.Unreachable) {
      tell(t("fault.unreachable"), "fault");
      return;
    }
    if (fault instanceof api.Refused) {
      if (fault.status === 401) tell(t("fault.signed-out"), "fault");
      else if (fault.status === 403) tell(t("fault.not-allowed"), "fault");
      else if (fault.status === 409) {
        tell(t("fault.changed"), "fault");
        void this.refresh();
        if (this.selected) void this.fetch([this.selected]);
      } else tell(t("fault.refused", { why: fault.message }), "fault");
      return;
    }
    throw fault;
  }
}
