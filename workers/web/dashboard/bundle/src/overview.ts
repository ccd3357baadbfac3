// The first page: the meetings, and a search through all of them.

import * as api from "./api";
import { day } from "./clock";
import { byId, fill, h } from "./dom";
import { Search } from "./search";
import { t, tCount, tSlug } from "./text";
import type { Meeting } from "./types";

export class Overview {
  #meetings: Meeting[] = [];
  #search = new Search({ meeting: (hit) => this.#meetings.find((each) => each.id === hit.meeting_id) ?? null });

  async open(): Promise<void> {
    await this.#more();
    byId("loading").hidden = true;
    byId("content").hidden = false;
    await this.#search.run();
    byId("main").dataset.ready = "true";
  }

  async #more(cursor?: string): Promise<void> {
    const page = await api.meetings(cursor);
    const before = this.#meetings.length;
    this.#meetings.push(...page.items);
    fill(byId("meetings"), ...this.#meetings.map(row));
    byId("nothing").hidden = this.#meetings.length > 0;
    const more = byId("more");
    more.hidden = page.next === null;
    more.onclick = () => void this.#more(page.next ?? undefined);
    if (before) byId("meetings").children[before]?.querySelector("a")?.focus();
  }
}

function row(meeting: Meeting): HTMLElement {
  return h(
    "li",
    {},
    h(
      "article",
      {},
      h("p", { class: "eyebrow" }, [day(meeting.date), meeting.body, meeting.symbol].filter(Boolean).join(" · ")),
      h("h3", { dir: "auto" }, h("a", { href: `/dashboard/${encodeURIComponent(meeting.id)}` }, meeting.title)),
      h(
        "p",
        { class: "chips" },
        h("span", { class: `chip state-${meeting.state}` }, tSlug("meeting", meeting.state)),
        meeting.synthetic ? h("span", { class: "chip synthetic" }, t("page.synthetic")) : null,
        h("span", { class: "facts" }, tCount("speaking.records", meeting.records)),
      ),
    ),
  );
}
