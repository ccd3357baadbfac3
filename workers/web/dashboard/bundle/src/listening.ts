// Listening: plays the meeting's audio from any word, as far as it may be listened to, and lights the word that is said.

import { Player } from "../../../static/player.js";
import { Words } from "../../../static/spoken.js";
import { clock } from "./clock";
import { byId, say } from "./dom";
import { t } from "./text";
import type { Meeting } from "./types";

// The words of the log's page (static/spoken.js), as far as they are used here.
interface LitWords {
  cursor: HTMLElement | null;
  channel: string;
  changed(): void;
  light(ms: number): HTMLElement | null;
  key(text: HTMLElement, key: string): boolean;
}

type Audio = NonNullable<Meeting["audio"]>;

export class Listening {
  #bar = byId("player");
  #player: Player;
  #words: LitWords = new Words(byId("turns")) as unknown as LitWords;
  #offered: Audio = {};
  #lighting = false;

  constructor(meeting: Meeting) {
    const channel = meeting.channels.find((each) => !each.interpretation)?.name ?? "floor";
    const base = `/meetings/${encodeURIComponent(meeting.id)}/audio`;
    this.#player = new Player(byId("audio"), base, channel, {});
    this.offer(meeting.audio ?? {});
    this.#player.addEventListener("change", () => this.#show());
    this.#player.addEventListener("fault", () => say(t("player.fault")));
    byId("toggle").addEventListener("click", () => this.#player.toggle());
    byId("back").addEventListener("click", () => this.#step(-5000));
    byId("forward").addEventListener("click", () => this.#step(5000));
    byId<HTMLInputElement>("seek").addEventListener("input", (event) => {
      this.#player.go(Number((event.target as HTMLInputElement).value), { play: this.#player.playing });
    });
    byId("turns").addEventListener("click", (event) => this.#clicked(event));
    byId("turns").addEventListener("keydown", (event) => this.#key(event));
    this.#show();
  }

  // What may be listened to by now.
  offer(audio: Audio): void {
    this.#offered = audio;
    this.#player.ends = Object.fromEntries(Object.entries(audio).map(([channel, item]) => [channel, item.until_ms]));
    this.#show();
  }

  playable(ms: number, channel: string): boolean {
    return ms < (this.#offered[channel]?.until_ms ?? 0);
  }

  play(ms: number, channel: string): void {
    this.#player.channel = channel;
    this.#player.go(ms);
  }

  // Be ready to play from a moment.
  stand(ms: number, word: HTMLElement | null): void {
    if (word) this.#mark(word);
    if (this.#player.endMs) this.#player.go(ms, { play: false });
  }

  // The log shows other words now.
  changed(): void {
    this.#words.changed();
  }

  #step(by: number): void {
    this.#player.go(this.#player.positionMs + by, { play: this.#player.playing });
  }

  #mark(word: HTMLElement): void {
    this.#words.cursor = word;
    word.setAttribute("data-cursor", "");
  }

  #clicked(event: MouseEvent): void {
    const word = (event.target as Element).closest<HTMLElement>(".words [data-t]");
    if (!word || !getSelection()?.isCollapsed) return;
    this.#mark(word);
    this.#from(word);
  }

  #key(event: KeyboardEvent): void {
    const text = (event.target as Element).closest<HTMLElement>(".words[data-channel]");
    if (!text || event.ctrlKey || event.metaKey || event.altKey || !this.#words.key(text, event.key)) return;
    event.preventDefault();
    if (event.key === "Enter") this.#from(this.#words.cursor);
  }

  #from(word: HTMLElement | null): void {
    if (!word) return;
    const channel = word.closest<HTMLElement>(".words")?.dataset.channel ?? this.#player.channel;
    const at = Number(word.dataset.t);
    if (this.playable(at, channel)) this.play(at, channel);
  }

  #show(): void {
    const player = this.#player;
    this.#bar.hidden = !player.endMs;
    this.#bar.classList.toggle("playing", player.playing);
    byId("toggle").setAttribute("aria-label", player.playing ? t("player.pause") : t("player.play"));
    byId("position").textContent = clock(player.positionMs);
    byId("end").textContent = clock(player.endMs);
    const seek = byId<HTMLInputElement>("seek");
    seek.max = String(player.endMs);
    if (!seek.matches(":active")) seek.value = String(player.positionMs);
    seek.setAttribute("aria-valuetext", clock(player.positionMs));
    this.#words.channel = player.channel;
    if (player.playing && !this.#lighting) requestAnimationFrame(() => this.#light());
    this.#lighting = player.playing;
  }

  #light(): void {
    this.#player.check();
    this.#words.light(this.#player.positionMs);
    if (this.#player.playing) requestAnimationFrame(() => this.#light());
  }
}
