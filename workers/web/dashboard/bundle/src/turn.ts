// One intervention in the log: a beginning of its text; all of it, word by word, once somebody asks for it.

import * as api from "./api";
import { address, clock, utcTime } from "./clock";
import { fill, h, say } from "./dom";
import { isQuiet, startMs } from "./known";
import { beginning, paragraphs, tokens } from "./passages";
import { t } from "./text";
import type { Interpreted, Intervention, Meeting, Word } from "./types";
import { behalf, channelName, holder, tags } from "./wording";

const BEGINNING = 360;

export interface Hearing {
  meeting: Meeting;
  playable(ms: number, channel: string): boolean;
  play(ms: number, channel: string): void;
  changed(): void;
}

export class Turn {
  readonly node = h("article", { class: "turn", tabindex: "-1" });
  #item: Intervention;
  #full: Intervention | null = null;
  #open = false;
  #note: string | null = null;

  constructor(
    item: Intervention,
    private readonly hearing: Hearing,
  ) {
    this.#item = item;
    this.node.id = item.id;
    this.#draw();
  }

  get item(): Intervention {
    return this.#item;
  }

  // Another text takes the place of the one that is there; what was opened stays open.
  update(item: Intervention, note: string | null = null): void {
    const same = item === this.#item || JSON.stringify(item) === JSON.stringify(this.#item);
    if (same && note === null) return;
    this.#item = item;
    this.#note = note ?? this.#note;
    this.#full = null;
    this.#draw();
    if (this.#open) void this.#read();
  }

  // Open the text, and return the word that is said at a moment; null where its words are not known.
  async wordAt(ms: number): Promise<HTMLElement | null> {
    await this.open();
    const words = [...this.node.querySelectorAll<HTMLElement>(".words[data-own] [data-t]")];
    return words.findLast((word) => Number(word.dataset.t) <= ms) ?? words[0] ?? null;
  }

  async open(): Promise<void> {
    this.#open = true;
    if (!this.#full) await this.#read();
  }

  #close(): void {
    this.#open = false;
    this.#draw();
  }

  async #read(): Promise<void> {
    const wanted = this.#item;
    if (wanted.revision !== undefined) {
      try {
        const full = await api.intervention(wanted.id);
        if (this.#item !== wanted || !this.#open) return;
        this.#full = full;
      } catch (fault) {
        if (!(fault instanceof api.Refused || fault instanceof api.Unreachable)) throw fault;
        say(t("fault.words"));
      }
    }
    this.#draw();
    this.hearing.changed();
  }

  #draw(): void {
    const item = this.#item;
    const { meeting } = this.hearing;
    const name = holder(item, meeting);
    this.node.className = `turn is-${item.review.state}${isQuiet(item) ? " quiet" : ""}`;
    this.node.dataset.start = String(startMs(item));
    this.node.setAttribute("aria-labelledby", `h-${item.id}`);
    fill(
      this.node,
      this.#when(name),
      h(
        "div",
        { class: "what" },
        h(
          "header",
          {},
          h("h3", { id: `h-${item.id}`, class: item.speaker ? null : "nobody", dir: "auto" }, name),
          h("p", { class: "tags" }, ...tags(item)),
          item.speaker?.person ? h("p", { class: "behalf", dir: "auto" }, item.speaker.person) : null,
          behalf(item),
        ),
        this.#note ? h("p", { class: "changed" }, this.#note) : null,
        ...this.#text(name),
      ),
    );
  }

  #when(name: string): HTMLElement {
    const at = startMs(this.#item);
    const utc = this.#item.spans[0]?.start_utc;
    return h(
      "div",
      { class: "when" },
      this.hearing.playable(at, this.#item.channel) &&
        playButton(t("turn.play", { name, clock: clock(at) }), () => this.hearing.play(at, this.#item.channel)),
      h(
        "p",
        { class: "times" },
        h("a", { href: `?t=${address(at)}`, "data-key": "moment", "aria-label": t("turn.moment", { clock: clock(at) }) }, clock(at)),
        utc ? h("time", { datetime: utc }, utcTime(utc)) : null,
      ),
    );
  }

  #text(name: string): (HTMLElement | null)[] {
    const item = this.#item;
    const others = (item.interpretations ?? []).filter((other) => other.text);
    if (!item.text && !others.length) return [h("p", { class: "wordless" }, t("turn.no-words"))];
    const plain = this.#open ? item.text : beginning(item.text, BEGINNING);
    const own = this.#full?.words?.length
      ? this.#spoken(this.#full.text, this.#full.words, item.language_text, item.channel, name)
      : h("div", { class: "words", lang: item.language_text, dir: "auto" }, h("p", {}, plain));
    if (this.#full) own.dataset.own = "";
    return [
      others.length ? h("p", { class: "delivered" }, t("turn.delivered")) : null,
      item.text ? own : h("p", { class: "wordless" }, t("turn.no-words")),
      ...others.map((other) => this.#interpreted(this.#full?.interpretations?.find((each) => each.channel === other.channel) ?? other, name)),
      this.#foot(plain !== item.text),
    ];
  }

  #interpreted(other: Interpreted, name: string): HTMLElement {
    const label = channelName(other.channel, other.language);
    return h(
      "details",
      { class: "interpretation" },
      h("summary", {}, label),
      other.words?.length
        ? this.#spoken(other.text, other.words, other.language, other.channel, `${name}, ${label}`)
        : h("div", { class: "words", lang: other.language, dir: "auto" }, h("p", {}, other.text)),
    );
  }

  #spoken(text: string, words: Word[], lang: string | null, channel: string, name: string): HTMLElement {
    const lines = paragraphs(tokens(text, words)).map((line) =>
      h(
        "p",
        {},
        ...line.flatMap((token, index) => [index ? token.before : null, h("span", { "data-t": token.startMs }, token.text)]),
      ),
    );
    return h(
      "div",
      { class: "words", lang, dir: "auto", tabindex: "0", role: "group", "data-channel": channel, "aria-label": t("turn.words-of", { name }) },
      ...lines,
    );
  }

  #foot(more: boolean): HTMLElement | null {
    const { id, revision } = this.#item;
    if (revision === undefined) return more || this.#open ? h("p", { class: "foot" }, this.#toggle(more)) : null;
    const path = `/interventions/${encodeURIComponent(id)}`;
    return h(
      "p",
      { class: "foot" },
      this.#toggle(more),
      this.#open ? h("a", { href: path }, t("turn.permanent")) : null,
      this.#open ? h("a", { href: `${path}.txt` }, t("turn.as-text")) : null,
      this.#open ? h("a", { href: `${path}.json` }, t("turn.as-json")) : null,
    );
  }

  #toggle(more: boolean): HTMLElement {
    const label = this.#open ? t("turn.less") : more ? t("turn.more") : t("turn.by-word");
    return h(
      "button",
      {
        type: "button",
        class: "plain",
        "data-key": "toggle",
        "aria-expanded": String(this.#open),
        "aria-describedby": `h-${this.#item.id}`,
        onclick: () => (this.#open ? this.#close() : void this.open()),
      },
      label,
    );
  }
}

export function playButton(label: string, onclick: () => void): HTMLElement {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("width", "14");
  icon.setAttribute("height", "14");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M4 2.5v11l9-5.5z");
  icon.append(path);
  return h("button", { type: "button", class: "play", "data-key": "play", "aria-label": label, onclick }, icon);
}
