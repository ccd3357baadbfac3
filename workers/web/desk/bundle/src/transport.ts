// The bar of the player: its buttons, its speed, which channel is heard, and where it is.

import { clock } from "./clock";
import { MARKS, all } from "./commands";
import { byId, fill, h, say, tell } from "./dom";
import type { Workbench } from "./meeting";
import { commandButton } from "./panel";
import { Spoken } from "./spoken";
import { t } from "./text";

const SIGNS: Record<string, string> = { play: "▶", back: "−5", forward: "+5" };
const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const SHORT = { find: "tool.find", insert: "tool.insert", "approve-all": "tool.approve-all", "publish-all": "tool.publish-all" } as const;
const TOOLS = ["undo", "redo", "find", "insert", "approve-all", "publish-all", "help"];

export class Transport {
  readonly spoken: Spoken;
  #bench: Workbench;
  #back = ""; // the interpretation that was heard last
  #lighting = false;

  constructor(bench: Workbench) {
    this.#bench = bench;
    this.spoken = new Spoken(bench);
    const { player, meeting } = bench;
    const run = (id: string) => bench.run(id);
    const several = meeting.channels.length > 1;
    fill(
      byId("transport"),
      ...["back", "play", "forward"].map((id) => {
        const button = commandButton(id, run, { class: "command signed" });
        button.prepend(h("span", { "aria-hidden": "true" }, SIGNS[id] ?? ""));
        return button;
      }),
      h("span", { id: "position" }, clock(0)),
      h("label", { class: "rate" }, h("span", { class: "unseen" }, t("player.rate")), this.#rates()),
      commandButton("loop", run, { pressed: false }),
      commandButton("follow", run, { pressed: true }),
      several ? h("label", { class: "listen" }, h("span", { class: "unseen" }, t("player.channel")), this.#channels()) : null,
      several ? commandButton("channel", run) : null,
    );
    const allowed = (id: string) => {
      const may = all.find((item) => item.id === id)?.may;
      return !may || bench.may(may);
    };
    const label = (id: string) => (id in SHORT ? { label: t(SHORT[id as keyof typeof SHORT]) } : {});
    fill(byId("tools"), ...TOOLS.filter(allowed).map((id) => commandButton(id, run, label(id))));
    fill(byId("marks"), ...(bench.may("review") ? MARKS.map((mark, index) => this.#mark(mark, index)) : []));
    player.addEventListener("change", () => this.#position());
    player.addEventListener("fault", () => tell(t("player.fault"), "fault"));
  }

  #mark(mark: string, index: number): HTMLElement {
    const button = commandButton(`mark-${index + 1}`, (id) => this.#bench.run(id), { label: mark });
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the cursor stays in the text
    return button;
  }

  #rates(): HTMLSelectElement {
    const select = h("select", { id: "rate" }, ...RATES.map((rate) => h("option", { value: rate, selected: rate === 1 }, t("player.times", { rate }))));
    select.addEventListener("change", () => (this.#bench.player.rate = Number(select.value)));
    return select;
  }

  #channels(): HTMLSelectElement {
    const { meeting, player } = this.#bench;
    const select = h("select", { id: "channel" }, ...meeting.channels.map((channel) => h("option", { value: channel.name }, channel.label)));
    select.value = player.channel;
    select.addEventListener("change", () => this.#bench.listenTo(select.value));
    return select;
  }

  speed(by: number): void {
    const { player } = this.#bench;
    player.rate += by;
    byId<HTMLSelectElement>("rate").value = String(player.rate);
    say(t("player.speed", { rate: player.rate }));
  }

  // One key: from the floor to the interpretation heard last, and back, at the same instant.
  otherChannel(): void {
    const { channels } = this.#bench.meeting;
    const here = channels.find((item) => item.name === this.#bench.player.channel);
    const other = here?.interpretation
      ? channels.find((item) => !item.interpretation)
      : (channels.find((item) => item.name === this.#back) ??
        channels.find((item) => item.interpretation && item.language === "en") ??
        channels.find((item) => item.interpretation));
    if (!other) {
      tell(t("player.one-channel"));
      return;
    }
    this.#bench.listenTo(other.name);
  }

  // Another channel is heard.
  heard(channel: string): void {
    const select = document.getElementById("channel") as HTMLSelectElement | null;
    if (select) select.value = channel;
    const found = this.#bench.meeting.channels.find((item) => item.name === channel);
    if (found?.interpretation) this.#back = channel;
    say(found?.label ?? channel);
  }

  toggleFollow(): void {
    const on = (this.spoken.follows = !this.spoken.follows);
    document.querySelector("#transport [data-command=follow]")?.setAttribute("aria-pressed", String(on));
    say(on ? t("player.follows") : t("player.stays"));
  }

  #position(): void {
    const { player, timeline } = this.#bench;
    byId("position").textContent = `${clock(player.positionMs)} / ${clock(player.endMs)}`;
    const play = document.querySelector<HTMLElement>("#transport [data-command=play]");
    const name = play?.querySelector("span:not([aria-hidden])");
    if (name) name.textContent = player.playing ? t("player.pause") : t("command.play");
    play?.classList.toggle("playing", player.playing);
    document.querySelector("#transport [data-command=loop]")?.setAttribute("aria-pressed", String(player.looping));
    byId("desk").dataset.playing = String(player.playing);
    timeline.at(player.positionMs);
    if (player.playing && !this.#lighting) {
      this.#lighting = true;
      requestAnimationFrame(() => this.#light());
    }
    if (!player.playing) this.spoken.show();
  }

  #light(): void {
    const { player, timeline } = this.#bench;
    player.check();
    this.spoken.show();
    timeline.at(player.positionMs);
    this.#lighting = player.playing;
    if (this.#lighting) requestAnimationFrame(() => this.#light());
  }
}
