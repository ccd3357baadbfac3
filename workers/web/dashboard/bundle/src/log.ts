// The log: what was said, as much of it as somebody wants to see, in either order.

import { clock } from "./clock";
import { bring, byId, fill, h } from "./dom";
import { isQuiet, startMs, type Gone, type Known } from "./known";
import { t, tCount } from "./text";
import { Turn, type Hearing } from "./turn";
import type { Intervention } from "./types";
import { holder } from "./wording";

const STEP = 20;

export class Log {
  #turns = new Map<string, Turn>();
  #limit = STEP;
  #order = byId<HTMLSelectElement>("order");
  #who = byId<HTMLSelectElement>("who");
  #chair = byId<HTMLInputElement>("with-chair");
  #list = byId("turns");
  #notes = new Map<string, string>();

  constructor(
    private readonly known: Known,
    private readonly hearing: Hearing,
  ) {
    this.#order.value = hearing.meeting.state === "live" ? "newest" : "oldest";
    for (const control of [this.#order, this.#who, this.#chair]) {
      control.addEventListener("change", () => {
        this.#limit = STEP;
        this.show();
      });
    }
    byId("more").addEventListener("click", () => {
      const before = this.#list.children.length;
      this.#limit += STEP;
      this.show();
      (this.#list.children[before] as HTMLElement | undefined)?.focus();
    });
  }

  // Say beside a text that it changed, and why.
  note(id: string, text: string): void {
    this.#notes.set(id, text);
  }

  show(): void {
    const items = this.known.all;
    this.#offer(items);
    const chosen = items.filter((item) => this.#isChosen(item));
    const rows: (Intervention | Gone)[] = [...chosen, ...this.known.gone].sort((a, b) => moment(a) - moment(b));
    if (this.#order.value === "newest") rows.reverse();
    const shown = rows.slice(0, this.#limit);
    const nodes = shown.map((row) => ("reason" in row ? this.#gone(row) : this.#turn(row)));
    arrange(this.#list, nodes);
    const kept = new Set(items.map((item) => item.id));
    for (const id of this.#turns.keys()) if (!kept.has(id)) this.#turns.delete(id);
    byId("count").textContent = tCount("log.count", chosen.length);
    byId("more").hidden = shown.length === rows.length;
    byId("nothing").hidden = rows.length > 0;
    this.hearing.changed();
  }

  // Only what a delegation said; all of it for null.
  filter(code: string | null): void {
    this.#who.value = code ?? "";
    this.#limit = STEP;
    this.show();
    bring(byId("log"), "start");
    byId("log").focus({ preventScroll: true });
  }

  // Bring what was said at a moment into view, whatever the list shows now; return its word.
  async go(ms: number, id?: string): Promise<HTMLElement | null> {
    const item = (id ? this.known.get(id) : undefined) ?? this.known.at(ms);
    if (!item) return null;
    if (!this.#isChosen(item)) {
      this.#who.value = "";
      this.#chair.checked = true;
    }
    this.show();
    while (!this.#list.contains(this.#turns.get(item.id)?.node ?? null) && !byId("more").hidden) {
      this.#limit += STEP;
      this.show();
    }
    const turn = this.#turns.get(item.id);
    if (!turn) return null;
    const word = await turn.wordAt(ms);
    bring(word ?? turn.node);
    turn.node.focus({ preventScroll: true });
    return word;
  }

  #isChosen(item: Intervention): boolean {
    if (!this.#chair.checked && isQuiet(item)) return false;
    return !this.#who.value || item.speaker?.entity.code === this.#who.value;
  }

  #turn(item: Intervention): HTMLElement {
    const turn = this.#turns.get(item.id) ?? new Turn(item, this.hearing);
    this.#turns.set(item.id, turn);
    turn.update(item, this.#notes.get(item.id) ?? null);
    this.#notes.delete(item.id);
    return turn.node;
  }

  #gone(item: Gone): HTMLElement {
    return h(
      "p",
      { class: "gone", id: `gone-${item.id}` },
      h("strong", {}, t("log.withdrawn")),
      ` ${clock(item.startMs)}. `,
      item.reason ? t("log.withdrawn-why", { reason: item.reason }) : null,
    );
  }

  #offer(items: Intervention[]): void {
    const names = new Map(items.flatMap((item) => (item.speaker ? [[item.speaker.entity.code, holder(item, this.hearing.meeting)]] : [])));
    const options = [...names].sort((a, b) => a[1].localeCompare(b[1]));
    const wanted = JSON.stringify(options);
    if (this.#who.dataset.offered === wanted) return;
    this.#who.dataset.offered = wanted;
    const { value } = this.#who;
    fill(this.#who, h("option", { value: "" }, t("log.everybody")), ...options.map(([code, name]) => h("option", { value: code }, name)));
    this.#who.value = names.has(value) ? value : "";
  }
}

const moment = (row: Intervention | Gone): number => ("reason" in row ? row.startMs : startMs(row));

// Put the nodes into the list in this order, moving only what must move: what is focused keeps its focus.
function arrange(list: HTMLElement, nodes: HTMLElement[]): void {
  const wanted = new Set<Element>(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}
