// One intervention on the screen: its heading, its text in an editor, and what became of the last save.

import { clock } from "./clock";
import { fill, h } from "./dom";
import { Editor, type Hooks } from "./editor";
import { heading, interpretationLabel } from "./heading";
import type { Status } from "./saver";
import { t, tSlug } from "./text";
import type { Channel, Entry, Row } from "./types";

const CORRECTABLE = new Set(["machine", "in_review", "approved", "published", "corrected", "withdrawn"]);

export function correctable(state: string): boolean {
  return CORRECTABLE.has(state);
}

export interface RowHooks extends Hooks {
  selected(): void;
  playFrom(ms: number, channel?: string): void;
}

export class RowView {
  readonly node: HTMLElement;
  editor: Editor | null = null;
  #hooks: RowHooks;
  #title: HTMLElement;
  #chips: HTMLElement;
  #behalf: HTMLElement;
  #host: HTMLElement;
  #status: HTMLElement;
  #other: HTMLElement;
  #lit: HTMLElement | null = null;
  #chair: string;
  #me: string;

  constructor(row: Row, index: number, count: number, chair: string, me: string, hooks: RowHooks) {
    this.#hooks = hooks;
    this.#chair = chair;
    this.#me = me;
    const headingId = `h-${row.record_id}`;
    this.#title = h("h2", { id: headingId, dir: "auto" });
    this.#chips = h("p", { class: "tags" });
    this.#behalf = h("p", { class: "behalf" });
    this.#host = h("div", { class: "words-host" });
    this.#other = h("div", { class: "interpreted" });
    this.#status = h("p", { class: "save-state", "aria-live": "polite" });
    const play = h(
      "button",
      { type: "button", class: "time-play", tabindex: "-1", onclick: () => hooks.playFrom(Number(this.node.dataset.start)) },
      clock(row.start_ms),
    );
    this.node = h(
      "article",
      { class: "intervention", "data-id": row.record_id, tabindex: "-1", "aria-labelledby": headingId },
      h("div", { class: "row-head" }, play, h("div", { class: "row-title" }, this.#title, this.#behalf, this.#chips), this.#status),
      this.#host,
      this.#other,
    );
    this.node.addEventListener("focusin", () => hooks.selected());
    this.node.addEventListener("pointerdown", () => hooks.selected());
    this.#other.addEventListener("click", (event) => {
      const word = (event.target as HTMLElement).closest<HTMLElement>("[data-t]");
      if (word) hooks.playFrom(Number(word.dataset.t), this.#other.dataset.channel);
    });
    this.showRow(row, index, count);
  }

  showRow(row: Row, index: number, count: number): void {
    const { node } = this;
    node.dataset.start = String(row.start_ms);
    node.dataset.state = row.state;
    node.dataset.kind = row.kind;
    node.setAttribute("aria-posinset", String(index + 1));
    node.setAttribute("aria-setsize", String(count));
    const play = node.querySelector(".time-play") as HTMLElement;
    play.textContent = clock(row.start_ms);
    play.setAttribute("aria-label", t("row.play", { time: clock(row.start_ms) }));
    if (!this.editor) {
      this.#title.textContent = row.heading ?? t("heading.nobody");
      fill(this.#host, h("p", { class: "waiting" }, t("row.loading")));
    }
    const holder = row.claimed_by;
    const mine = holder?.id === this.#me;
    fill(
      this.#chips,
      h("span", {}, tSlug("kind", row.kind)),
      h("span", { class: `state state-${row.state}` }, tSlug("state", row.state)),
      ...row.flags.map((flag) => h("span", { class: "flag" }, tSlug("flag", flag))),
      row.conflicts || row.machine_waits ? h("span", { class: "flag" }, t("row.conflict")) : null,
      holder ? h("span", { class: mine ? "claim mine" : "claim" }, mine ? t("row.mine") : t("row.claimed", { name: holder.name })) : null,
    );
  }

  showEntry(entry: Entry, text: string, may: boolean): void {
    const title = heading(entry, this.#chair);
    this.#title.textContent = title;
    this.#title.classList.toggle("nobody", entry.speaker === null);
    const others = entry.on_behalf_of.filter((item) => item.code !== entry.speaker?.entity.code);
    this.#behalf.hidden = others.length === 0;
    this.#behalf.textContent = others.length ? t("row.behalf", { names: others.map((item) => item.name).join(", ") }) : "";
    this.node.classList.toggle("off-record", (entry.review.off_record ?? []).length > 0);
    const shape = {
      text,
      words: entry.words,
      lang: entry.language_text,
      label: t("row.text", { heading: title }),
      editable: may && correctable(entry.review.state),
    };
    if (this.editor) this.editor.show(shape);
    else {
      this.#host.replaceChildren();
      this.editor = new Editor(this.#host, shape, this.#hooks);
    }
  }

  showStatus(status: Status, detail = ""): void {
    this.#status.dataset.status = status;
    this.#status.textContent = status === "clean" ? t("save.clean") : `${t(`save.${status}`)}${detail ? ` ${detail}` : ""}`;
    if (status === "clean" && !this.node.classList.contains("touched")) this.#status.textContent = "";
    if (status !== "clean") this.node.classList.add("touched");
  }

  // What an interpreter made of it, while that channel is heard.
  showChannel(entry: Entry | undefined, channel: Channel | undefined): void {
    if (!entry || !channel?.interpretation) {
      this.#other.replaceChildren();
      return;
    }
    const label = interpretationLabel(entry, channel.label);
    const found = entry.interpretations?.find((item) => item.channel === channel.name);
    this.#other.dataset.channel = channel.name;
    if (!found) {
      fill(this.#other, h("p", { class: "hint" }, `${label}: ${t("row.no-interpretation")}`));
      return;
    }
    const words = h("p", { class: "interpreted-words", dir: "auto", ...(found.language ? { lang: found.language } : {}) });
    found.words.forEach((word, index) => words.append(index ? " " : "", h("span", { "data-t": word.start_ms }, word.text)));
    fill(this.#other, h("p", { class: "hint" }, label), words);
  }

  select(on: boolean): void {
    this.node.classList.toggle("selected", on);
    this.node.tabIndex = on ? 0 : -1;
    const play = this.node.querySelector<HTMLElement>(".time-play");
    if (play) play.tabIndex = on ? 0 : -1;
  }

  // Returns the element of the spoken word where it has just changed.
  light(ms: number | null, interpreted: boolean): HTMLElement | null {
    if (interpreted) {
      this.editor?.light(null);
      this.#lit?.classList.remove("spoken");
      this.#lit = null;
      if (ms === null) return null;
      let found: HTMLElement | null = null;
      for (const word of this.#other.querySelectorAll<HTMLElement>("[data-t]")) {
        if (Number(word.dataset.t) > ms) break;
        found = word;
      }
      found?.classList.add("spoken");
      const moved = found !== this.#lit;
      this.#lit = found;
      return moved ? found : null;
    }
    return this.editor?.light(ms) ? this.#host.querySelector<HTMLElement>(".spoken") : null;
  }

  destroy(): void {
    this.editor?.destroy();
    this.node.remove();
  }
}
