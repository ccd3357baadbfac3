// What is known of the selected intervention, and what can be done with it.

import { hint, labelKey, all } from "./commands";
import { clock, fineClock } from "./clock";
import { conflictsOf, type DifferingHooks } from "./differing";
import { fill, h } from "./dom";
import { t, tSlug, type Key } from "./text";
import type { Entry, Row } from "./types";

export interface PanelHooks extends DifferingHooks {
  run(id: string): void;
  choose(code: string): void;
  nameOf(code: string): string;
}

// A button for a command, with its key: both from the one list.
export function commandButton(id: string, run: (id: string) => void, options: { label?: string; pressed?: boolean; class?: string } = {}): HTMLButtonElement {
  const command = all.find((item) => item.id === id);
  if (!command) throw new Error(`no command ${id}`);
  const key = hint(id);
  return h(
    "button",
    {
      type: "button",
      class: options.class ?? "command",
      "data-command": id,
      "aria-keyshortcuts": (command.keys?.[0] ?? command.always?.[0] ?? "").replace("Mod", "Control"),
      ...(options.pressed === undefined ? {} : { "aria-pressed": String(options.pressed) }),
      onclick: () => run(id),
    },
    h("span", {}, options.label ?? t(labelKey(command))),
    key ? h("kbd", { "aria-hidden": "true" }, key) : null,
  );
}

function section(label: Key, ...children: (Node | null)[]): HTMLElement {
  return h("section", { class: "panel-part" }, h("h2", {}, t(label)), ...children);
}

export function showPanel(host: HTMLElement, row: Row | undefined, entry: Entry | undefined, hooks: PanelHooks): void {
  if (!row || !entry) {
    fill(host, h("p", { class: "muted" }, t(row ? "row.loading" : "panel.nothing")));
    return;
  }
  const kept = document.activeElement instanceof HTMLElement && host.contains(document.activeElement) ? document.activeElement.dataset.command : null;
  const button = (id: string) => {
    const command = all.find((item) => item.id === id);
    return command?.may && !hooks.may(command.may) ? null : commandButton(id, hooks.run);
  };
  const { attribution } = entry;
  const conflicts = conflictsOf(entry, row, hooks);
  const evidence = [...attribution.evidence].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  fill(
    host,
    conflicts.length ? section("panel.conflicts", ...conflicts) : null,
    section(
      "panel.speaker",
      h(
        "p",
        { class: "who" },
        h("bdi", {}, entry.speaker?.entity.name ?? t("heading.nobody")),
        " ",
        h("span", { class: "muted" }, sure(entry)),
      ),
      entry.speaker?.person
        ? h(
            "p",
            {},
            h("bdi", {}, [entry.speaker.person, entry.speaker.capacity].filter(Boolean).join(", ")),
            " ",
            h("span", { class: "muted" }, entry.review.person_confirmed ? t("panel.confirmed") : t("panel.unconfirmed")),
          )
        : entry.speaker?.name_as_said
          ? h("p", { class: "muted" }, t("panel.as-said", { name: entry.speaker.name_as_said }))
          : null,
      attribution.alternatives.length && hooks.may("review")
        ? h(
            "p",
            { class: "alternatives" },
            ...attribution.alternatives
              .slice(0, 5)
              .map((item) =>
                h(
                  "button",
                  { type: "button", class: "alternative", onclick: () => hooks.choose(item.entity) },
                  h("bdi", {}, hooks.nameOf(item.entity)),
                  ` ${Math.round(item.confidence * 100)}%`,
                ),
              ),
          )
        : null,
      h("p", { class: "commands" }, button("speaker"), button("person"), button("behalf"), button("kind"), button("language")),
    ),
    section(
      "panel.evidence",
      evidence.length
        ? h(
            "ul",
            { class: "evidence" },
            ...evidence.map((item) =>
              h(
                "li",
                {},
                h("button", { type: "button", class: "moment", "aria-label": t("panel.play-moment", { time: clock(item.span.start_ms) }), onclick: () => hooks.play(item.span.start_ms, item.span.end_ms, item.channel) }, clock(item.span.start_ms)),
                " ",
                h("span", {}, tSlug("evidence", item.type)),
                item.entity && item.entity !== entry.speaker?.entity.code ? h("strong", {}, " ", h("bdi", {}, hooks.nameOf(item.entity))) : null,
                item.weight < 0 ? h("em", {}, ` ${t("panel.against")}`) : null,
                item.quote ? h("q", { dir: "auto" }, item.quote) : null,
              ),
            ),
          )
        : h("p", { class: "muted" }, t("panel.no-evidence")),
    ),
    section(
      "panel.span",
      h("p", { class: "muted" }, `${fineClock(row.start_ms)} – ${fineClock(row.end_ms)}`),
      h("p", { class: "commands" }, button("start-now"), button("end-now"), button("split"), button("merge"), button("insert"), button("off-record")),
    ),
    section(
      "panel.notes",
      ...noteTexts(entry).map((text) => h("p", { class: "note", dir: "auto" }, text)),
      h("p", { class: "commands" }, button("note"), button("history")),
    ),
    section(
      "panel.flow",
      h("p", { class: "muted" }, t(`state-means.${entry.review.state}`)),
      h("p", { class: "commands" }, button("claim"), button("approve"), button("publish"), button("withdraw")),
    ),
  );
  if (kept) host.querySelector<HTMLElement>(`[data-command="${kept}"]`)?.focus();
}

// How sure the attribution is; nothing where nobody is named.
function sure({ attribution, speaker }: Entry): string {
  if (attribution.method === "human") return t("panel.by-person");
  return speaker ? t("panel.sure", { percent: Math.floor(attribution.confidence * 100) }) : "";
}

export function noteTexts(entry: Entry): string[] {
  const own = entry.review.note;
  const earlier = (entry.notes ?? []).filter((item) => item.note && item.note !== own).map((item) => `${item.note} (${item.author_name ?? item.author})`);
  return own ? [own, ...earlier] : earlier;
}
