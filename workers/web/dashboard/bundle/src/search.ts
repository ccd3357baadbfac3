// Search: what was found with its words marked, each leading to its moment.

import * as api from "./api";
import { address, clock } from "./clock";
import { byId, fill, h, say } from "./dom";
import { t, tCount, tSlug } from "./text";
import type { Hit, Meeting } from "./types";
import { holder, stateChip } from "./wording";

export interface Leads {
  meetingId?: string;
  meeting: (hit: Hit) => Pick<Meeting, "chair" | "title"> | null;
  go?: (ms: number, id: string) => void;
}

export class Search {
  #field = byId<HTMLInputElement>("q");
  #results = byId("results");
  #asked = 0;
  #hits: Hit[] = [];

  constructor(private readonly leads: Leads) {
    byId("search-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const address = new URL(location.href);
      address.searchParams.set("q", this.#field.value.trim());
      if (!this.#field.value.trim()) address.searchParams.delete("q");
      history.pushState(null, "", address);
      void this.run();
    });
    addEventListener("popstate", () => void this.run());
  }

  // Ask for what the address says.
  async run(): Promise<void> {
    const q = new URLSearchParams(location.search).get("q")?.trim() ?? "";
    this.#field.value = q;
    this.#hits = [];
    const asked = ++this.#asked;
    byId("found").textContent = "";
    if (!q) return this.#results.replaceChildren();
    this.#results.setAttribute("aria-busy", "true");
    await this.#more(q, asked);
    this.#results.removeAttribute("aria-busy");
  }

  async #more(q: string, asked: number, cursor?: string): Promise<void> {
    try {
      const page = await api.search(q, this.leads.meetingId, cursor);
      if (asked !== this.#asked) return;
      const before = this.#hits.length;
      this.#hits.push(...page.items);
      const told = this.#hits.length ? (page.next ? t("search.first", { n: this.#hits.length }) : tCount("search.found", this.#hits.length)) : t("search.none", { q });
      byId("found").textContent = told;
      say(told);
      const { next } = page;
      fill(
        this.#results,
        ...this.#hits.map((hit) => this.#row(hit)),
        next && h("li", { class: "more" }, h("button", { type: "button", onclick: () => void this.#more(q, asked, next) }, t("search.more"))),
      );
      if (before) this.#results.children[before]?.querySelector<HTMLElement>("a")?.focus();
    } catch (fault) {
      if (!(fault instanceof api.Refused || fault instanceof api.Unreachable)) throw fault;
      byId("found").textContent = fault instanceof api.Refused ? fault.detail : t("fault.unreachable");
    }
  }

  #row(hit: Hit): HTMLElement {
    const meeting = this.leads.meeting(hit);
    const { go } = this.leads;
    const here = hit.meeting_id === this.leads.meetingId && go;
    return h(
      "li",
      {},
      h(
        "p",
        { class: "hit-head" },
        h(
          "a",
          {
            href: `/dashboard/${encodeURIComponent(hit.meeting_id)}?t=${address(hit.highlight.start_ms)}`,
            onclick: (event: MouseEvent) => {
              if (!here || event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              here(hit.highlight.start_ms, hit.id);
            },
          },
          h("span", { class: "at" }, clock(hit.highlight.start_ms)),
          h("bdi", {}, holder(hit, meeting)),
        ),
      ),
      h("p", { class: "excerpt", lang: hit.language_text, dir: "auto" }, ...hit.highlight.parts.map((part) => (part.hit ? h("mark", {}, part.text) : part.text))),
      this.leads.meetingId ? null : h("p", { class: "eyebrow", dir: "auto" }, meeting?.title ?? hit.meeting_id),
      h(
        "p",
        { class: "tags" },
        h("span", {}, tSlug("kind", hit.kind)),
        hit.interpretation ? h("span", { class: "interpreted" }, t("turn.interpretation")) : null,
        stateChip(hit.review.state),
        hit.synthetic && !this.leads.meetingId ? h("span", { class: "chip synthetic" }, t("page.synthetic")) : null,
      ),
    );
  }
}
