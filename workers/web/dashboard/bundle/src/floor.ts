// The floor now: who has it, since when, what was just said, and who had it before.

import { address, clock, length } from "./clock";
import { byId, fill, h, say } from "./dom";
import { endMs, isQuiet, startMs, type Known } from "./known";
import { beginning, tail } from "./passages";
import { t } from "./text";
import type { Meeting } from "./types";
import { behalf, holder, tags } from "./wording";

const JUST_SAID = 420;
const BEFORE = 3;

export class Floor {
  #told = "";

  constructor(
    private readonly known: Known,
    private readonly go: (ms: number, id: string) => void,
  ) {}

  show(meeting: Meeting, heardUntilMs: number): void {
    const box = byId("now");
    box.hidden = meeting.state !== "live";
    if (box.hidden) return;
    const now = this.known.holder;
    fill(
      byId("holder"),
      h("p", { class: "eyebrow" }, now ? t("now.has-floor") : t("now.nobody")),
      now ? h("h3", { dir: "auto", class: now.speaker ? null : "nobody" }, holder(now, meeting)) : null,
      now ? h("p", { class: "tags" }, ...tags(now, false)) : null,
      now ? behalf(now) : null,
      now
        ? h("p", { class: "since" }, t("now.since", { clock: clock(startMs(now)), length: length(Math.max(0, Math.max(heardUntilMs, endMs(now)) - startMs(now))) }))
        : null,
      now?.text ? h("p", { class: "just-said words", lang: now.language_text, dir: "auto" }, tail(now.text, JUST_SAID)) : null,
      h("p", { class: "heard" }, t("now.heard", { clock: clock(heardUntilMs) })),
    );
    this.#before(meeting, now?.id);
    const told = now ? t("now.told", { name: holder(now, meeting) }) : "";
    if (told && this.#told && told !== this.#told) say(told);
    this.#told = told || this.#told;
  }

  #before(meeting: Meeting, now: string | undefined): void {
    const last = this.known.all.filter((item) => item.id !== now && !isQuiet(item)).slice(-BEFORE).reverse();
    byId("before").hidden = !last.length;
    fill(
      byId("before-list"),
      ...last.map((item) =>
        h(
          "li",
          {},
          h(
            "a",
            {
              "data-key": item.id,
              href: `?t=${address(startMs(item))}`,
              onclick: (event: MouseEvent) => {
                event.preventDefault();
                this.go(startMs(item), item.id);
              },
            },
            h("span", { class: "at" }, clock(startMs(item))),
            h("bdi", {}, holder(item, meeting)),
          ),
          item.text ? h("p", { lang: item.language_text, dir: "auto" }, beginning(item.text, 140)) : null,
        ),
      ),
    );
  }
}
