// What a person and a better model made differently of an intervention, side by side, with the ways to decide it.

import { clock, fineClock } from "./clock";
import { marked } from "./conflict";
import { difference } from "./diff";
import { h } from "./dom";
import { canBeMerged } from "./settling";
import { t, tSlug, type Key } from "./text";
import type { Entity, Entry, MachineConflict, Row, Span, Speaker } from "./types";

export interface DifferingHooks {
  settle(conflict: MachineConflict, how: "yours" | "machine" | "hand"): void;
  takeWaiting(): void;
  play(fromMs: number, untilMs: number | null, channel: string): void;
  may(action: string): boolean;
  rowOf(id: string): Row | undefined;
}

// A value of a field, as people would say it.
export function inWords(field: string, value: unknown, rowOf: (id: string) => Row | undefined = () => undefined): string {
  if (value === null || value === undefined || value === "") return "–";
  if (field === "kind") return tSlug("kind", String(value));
  if (field === "language_spoken" || field === "language_text") return tSlug("language", String(value));
  if (field === "speaker") {
    const { entity, person, capacity } = value as Speaker;
    return [entity.name, person, capacity].filter(Boolean).join(", ");
  }
  if (typeof value === "boolean") return t(value ? "value.yes" : "value.no");
  if (!Array.isArray(value)) return String(value);
  const each = value.map((item: unknown) => {
    if (field === "spans") return `${fineClock((item as Span).start_ms)} – ${fineClock((item as Span).end_ms)}`;
    if (field === "themes") return `${tSlug("theme", (item as { theme: string }).theme)}: “${(item as { quote: string }).quote}”`;
    if (field === "record") {
      const row = rowOf(String(item));
      return row ? `${clock(row.start_ms)} ${row.heading ?? t("heading.nobody")}` : String(item);
    }
    return (item as Entity).name;
  });
  return each.join("; ") || "–";
}

export function conflictsOf(entry: Entry, row: Row, hooks: DifferingHooks): HTMLElement[] {
  const found = entry.conflicts ?? [];
  const kept = found.filter((item) => item.kept).map((item) => card(item, entry, hooks));
  const waiting = found.filter((item) => !item.kept);
  if (!row.machine_waits && waiting.length === 0) return kept;
  const about = h(
    "div",
    { class: "three-ways" },
    h("p", {}, t("waiting.about")),
    waiting.length ? h("p", { class: "muted" }, t("waiting.conflicts", { count: waiting.length })) : null,
    ...waiting.flatMap((item) => [h("p", {}, h("strong", {}, tSlug("field", item.field))), ...sides(item, hooks)]),
    hooks.may("review") ? h("p", { class: "commands" }, h("button", { type: "button", class: "command", onclick: () => hooks.takeWaiting() }, t("waiting.take"))) : null,
  );
  return [...kept, about];
}

function sides(item: MachineConflict, hooks: DifferingHooks): HTMLElement[] {
  const text = item.field === "text";
  const side = (label: Key, value: unknown) => {
    const words = inWords(item.field, value, hooks.rowOf);
    return h("div", {}, h("h3", {}, t(label)), text && value !== item.base ? marked(difference(String(item.base ?? ""), String(value ?? ""))) : h("p", { dir: "auto" }, words));
  };
  return [side("conflict.base", item.base), side("conflict.yours", item.yours), side("conflict.machine", item.machine)];
}

function card(item: MachineConflict, entry: Entry, hooks: DifferingHooks): HTMLElement {
  const { span } = item;
  const button = (how: "yours" | "machine" | "hand", label: Key) => h("button", { type: "button", class: "command", onclick: () => hooks.settle(item, how) }, t(label));
  const gone = item.field === "record";
  return h(
    "div",
    { class: "three-ways", "data-conflict": item.id },
    h(
      "p",
      {},
      h("strong", {}, tSlug("field", item.field)),
      " ",
      span ? h("button", { type: "button", class: "moment", "aria-label": t("panel.play-moment", { time: clock(span.start_ms) }), onclick: () => hooks.play(span.start_ms, span.end_ms, entry.channel) }, clock(span.start_ms)) : null,
    ),
    gone ? h("p", {}, t("conflict.record-gone")) : null,
    ...(gone ? [h("div", {}, h("h3", {}, t("conflict.machine")), h("p", { dir: "auto" }, inWords("record", item.machine, hooks.rowOf)))] : sides(item, hooks)),
    hooks.may("review")
      ? h(
          "p",
          { class: "commands" },
          button("yours", gone ? "conflict.keep-record" : "conflict.keep-yours"),
          button("machine", gone ? "conflict.drop-record" : "conflict.take-machine"),
          canBeMerged(item.field) ? button("hand", "conflict.by-hand") : null,
        )
      : null,
  );
}
