// Speaking time: bars by delegation and by regional group, each with its table; what the chair said stands apart.

import { Bars, type Bar } from "./bars";
import { length } from "./clock";
import { byId, fill, h } from "./dom";
import { category, figures, type Entities, type Share } from "./figures";
import { Strip } from "./strip";
import { t, tCount, tSlug } from "./text";
import { endMs, Known, saidMs, startMs } from "./known";
import type { Intervention, Meeting, TimeRow } from "./types";
import { holder } from "./wording";

const FIRST = 12;

export class Speaking {
  #delegations = new Bars(byId("bars-delegations"));
  #groups = new Bars(byId("bars-groups"));
  #strip: Strip;
  #all = false;
  #rows: TimeRow[] = [];
  #known = new Known();

  constructor(
    private readonly entities: Entities,
    go: (ms: number) => void,
    private readonly pick: (code: string) => void,
  ) {
    this.#strip = new Strip(byId("strip"), go);
    byId("all-delegations").addEventListener("click", () => {
      this.#all = !this.#all;
      this.show(this.#rows);
    });
  }

  // The sums of what is closed, and what is still being said.
  show(rows: TimeRow[], known: Known = this.#known): void {
    this.#rows = rows;
    this.#known = known;
    const found = figures([...rows, ...known.open.map(openRow)], this.entities);
    byId("speaking").hidden = !rows.length && !known.open.length;
    const shown = this.#all ? found.delegations : found.delegations.slice(0, FIRST);
    this.#delegations.show(
      shown.map((share): Bar => ({
        name: this.#name(share.key),
        ms: share.ms,
        kind: category(share.key, "statement", this.entities),
        pick: () => this.pick(share.key),
      })),
    );
    this.#groups.show(found.groups.map((share) => ({ name: tSlug("group", share.key), ms: share.ms, kind: share.key })));
    const button = byId("all-delegations");
    button.hidden = found.delegations.length <= FIRST;
    button.textContent = this.#all ? t("speaking.fewer") : tCount("speaking.all", found.delegations.length);
    fill(
      byId("table-delegations"),
      table(t("speaking.delegation"), found.delegations, (share) =>
        h("button", { type: "button", class: "plain", "data-key": share.key, onclick: () => this.pick(share.key) }, this.#name(share.key)),
      ),
    );
    fill(byId("table-groups"), table(t("speaking.group"), found.groups, (share) => tSlug("group", share.key)));
    const apart = [found.chair, found.nobody].filter((share) => share.records);
    byId("apart").hidden = !apart.length;
    fill(
      byId("apart"),
      ...apart.map((share) =>
        h("p", {}, h("strong", {}, tSlug("group", share.key)), ` ${length(share.ms)} · ${tCount("speaking.records", share.records)}`),
      ),
    );
  }

  showStrip(known: Known, meeting: Meeting, heardUntilMs: number): void {
    const items = known.all;
    const end = Math.max(heardUntilMs, ...items.map(endMs), 0);
    byId("strip-part").hidden = !items.length;
    this.#strip.show(
      items.flatMap((item) => {
        const kind = category(item.speaker?.entity.code ?? null, item.kind, this.entities);
        return item.spans.map((span, index) => ({
          key: `${item.id}/${index}`,
          startMs: span.start_ms,
          endMs: span.end_ms,
          kind,
          title: `${holder(item, meeting)}, ${tSlug("kind", item.kind)}, ${length(endMs(item) - startMs(item))}`,
        }));
      }),
      end,
    );
    const kinds = new Set(items.map((item) => category(item.speaker?.entity.code ?? null, item.kind, this.entities)));
    fill(
      byId("legend"),
      ...[...kinds].map((kind) => h("li", {}, h("span", { class: `swatch kind-${kind}` }), tSlug("group", kind))),
    );
  }

  #name(code: string): string {
    return this.entities.get(code)?.name ?? code;
  }
}

const openRow = (item: Intervention): TimeRow => ({
  entity: item.speaker?.entity.code ?? null,
  kind: item.kind,
  records: 1,
  ms: saidMs(item),
});

function table(what: string, shares: Share[], name: (share: Share) => Node | string): HTMLElement {
  const head = [what, t("speaking.time"), t("speaking.interventions")].map((text) => h("th", { scope: "col" }, text));
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, ...head)),
    h(
      "tbody",
      {},
      ...shares.map((share) =>
        h("tr", {}, h("th", { scope: "row", dir: "auto" }, name(share)), h("td", {}, length(share.ms)), h("td", {}, String(share.records))),
      ),
    ),
  );
}
