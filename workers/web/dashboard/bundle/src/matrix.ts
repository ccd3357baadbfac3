// Themes by delegation: a table whose cells lead to the passages behind them.

import * as api from "./api";
import { address, clock } from "./clock";
import { bring, byId, fill, h, say } from "./dom";
import { CHAIR } from "./figures";
import { isQuiet, startMs, type Known } from "./known";
import { momentAt, passagesOf } from "./passages";
import { t, tCount } from "./text";
import type { Intervention, Meeting, ThemeRow } from "./types";
import { holder, stateChip } from "./wording";

interface Cell {
  theme: string;
  entity: string | null;
}

const SHADES = 4;
const FIRST = 15;

const key = (theme: string, entity: string | null): string => `${theme} ${entity ?? ""}`;

export class Matrix {
  #chosen: Cell | null = null;
  #rows: ThemeRow[] = [];
  #all = false;

  constructor(
    private readonly known: Known,
    private readonly meeting: Meeting,
    private readonly name: (code: string) => string,
    private readonly go: (ms: number, id: string) => void,
  ) {
    byId("all-rows").addEventListener("click", () => {
      this.#all = !this.#all;
      this.show(this.#rows);
    });
  }

  show(rows: ThemeRow[]): void {
    this.#rows = rows;
    byId("themes").hidden = !rows.length;
    const themes = [...new Map(rows.map((row) => [row.theme, row])).values()].sort((a, b) => a.label.localeCompare(b.label));
    const counts = this.#count();
    const most = Math.max(1, ...counts.values());
    const totals = new Map<string | null, number>();
    for (const row of rows) totals.set(row.entity, (totals.get(row.entity) ?? 0) + (counts.get(key(row.theme, row.entity)) ?? 0));
    const who = [...totals].sort((a, b) => b[1] - a[1] || this.#called(a[0]).localeCompare(this.#called(b[0])));
    const button = byId("all-rows");
    button.hidden = who.length <= FIRST;
    button.textContent = this.#all ? t("speaking.fewer") : tCount("speaking.all", who.length);
    fill(
      byId("matrix"),
      h("caption", { class: "unseen" }, t("themes.caption")),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, t("speaking.delegation")),
          ...themes.map((theme) => h("th", { scope: "col", class: "theme", title: theme.title }, h("span", {}, theme.label))),
        ),
      ),
      h(
        "tbody",
        {},
        ...(this.#all ? who : who.slice(0, FIRST)).map(([entity]) =>
          h(
            "tr",
            {},
            h("th", { scope: "row", dir: "auto" }, this.#called(entity)),
            ...themes.map((theme) => this.#cell(entity, theme, counts.get(key(theme.theme, entity)) ?? 0, most)),
          ),
        ),
      ),
    );
    if (this.#chosen) this.#passages(this.#chosen);
  }

  // How many passages there are of each theme by each entity.
  #count(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const item of this.known.standing) {
      for (const theme of new Set(item.themes.map((tag) => tag.theme))) {
        const cell = key(theme, item.speaker?.entity.code ?? null);
        counts.set(cell, (counts.get(cell) ?? 0) + passagesOf(item.themes, theme).length);
      }
    }
    return counts;
  }

  #called(entity: string | null): string {
    if (entity === null) return t("who.nobody");
    return entity === CHAIR ? (this.meeting.chair.title ?? t("who.chair")) : this.name(entity);
  }

  #cell(entity: string | null, theme: ThemeRow, count: number, most: number): HTMLElement {
    if (!count) return h("td", {}, h("span", { class: "unseen" }, t("themes.none")));
    const chosen = this.#chosen?.theme === theme.theme && this.#chosen.entity === entity;
    return h(
      "td",
      {},
      h(
        "button",
        {
          type: "button",
          class: `shade-${Math.ceil((SHADES * count) / most)}`,
          "data-key": key(theme.theme, entity),
          "aria-pressed": String(chosen),
          "aria-label": t("themes.cell", { name: this.#called(entity), theme: theme.label, n: tCount("themes.count", count) }),
          onclick: () => {
            this.#chosen = { theme: theme.theme, entity };
            this.show(this.#rows);
            bring(byId("passages"), "nearest");
          },
        },
        String(count),
      ),
    );
  }

  #passages(cell: Cell): void {
    const items = this.known.standing.filter(
      (item) => (item.speaker?.entity.code ?? null) === cell.entity && item.themes.some((tag) => tag.theme === cell.theme),
    );
    const label = this.#rows.find((row) => row.theme === cell.theme)?.label ?? cell.theme;
    const box = byId("passages");
    box.hidden = false;
    const title = t("themes.passages", { name: this.#called(cell.entity), theme: label });
    fill(
      box,
      h("h3", { id: "passages-title", tabindex: "-1" }, title),
      h(
        "ul",
        {},
        ...items.flatMap((item) => passagesOf(item.themes, cell.theme).map((tag) => this.#passage(item, tag.quote, tag.offset))),
      ),
      h("button", { type: "button", class: "plain", onclick: () => this.#close() }, t("themes.close")),
    );
    say(title);
  }

  #close(): void {
    const cell = this.#chosen;
    this.#chosen = null;
    byId("passages").hidden = true;
    this.show(this.#rows);
    if (cell) byId("matrix").querySelector<HTMLElement>(`[data-key="${CSS.escape(key(cell.theme, cell.entity))}"]`)?.focus();
  }

  #passage(item: Intervention, quote: string, offset: number): HTMLElement {
    return h(
      "li",
      {},
      h("blockquote", { lang: item.language_text, dir: "auto" }, quote),
      h(
        "p",
        { class: "tags" },
        h("a", { href: `?t=${address(startMs(item))}`, onclick: (event: MouseEvent) => void this.#lead(event, item, offset) }, t("themes.lead", { name: holder(item, this.meeting), clock: clock(startMs(item)) })),
        item.interpretation ? h("span", { class: "interpreted" }, t("turn.interpretation")) : null,
        isQuiet(item) ? h("span", {}, t("group.chair")) : null,
        stateChip(item.review.state),
      ),
    );
  }

  // To the first word of the passage, whose moment only the words know.
  async #lead(event: MouseEvent, item: Intervention, offset: number): Promise<void> {
    event.preventDefault();
    let ms: number | null = null;
    try {
      const full = await api.intervention(item.id);
      ms = momentAt(full.text, full.words ?? [], offset);
    } catch (fault) {
      if (!(fault instanceof api.Refused || fault instanceof api.Unreachable)) throw fault;
    }
    this.go(ms ?? startMs(item), item.id);
  }
}
