// The queue: what needs a person first, and why.

import * as api from "./api";
import { clock } from "./clock";
import { closedByPeople, closedLine } from "./closed";
import { ask } from "./dialogs";
import { byId, fill, h, tell } from "./dom";
import { tellFault } from "./faults";
import { t, tSlug } from "./text";
import type { Progress, QueueItem, Session } from "./types";

const REASONS = ["conflict", "unattributed", "speaker-doubtful", "words-doubtful", "unassigned", "unusual-length", "unreviewed"];
const STATES = ["machine", "in_review", "approved"];

export class Queue {
  #session: Session;
  #cursor: string | null = null;
  #reasons = new Set(REASONS);
  #filters = { meeting: "", reason: "", state: "", mine: false };
  #closed = false; // what was closed is shown, not what waits

  constructor(session: Session) {
    this.#session = session;
    const asked = new URLSearchParams(location.search);
    this.#filters.meeting = asked.get("meeting") ?? "";
  }

  async open(): Promise<void> {
    document.title = t("page.title-queue");
    await this.#read(true);
    document.addEventListener("keydown", (event) => this.#key(event));
    byId("desk").dataset.ready = "true";
  }

  async #read(again: boolean): Promise<void> {
    if (this.#closed) return this.#readClosed();
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(this.#filters)) if (value) query.set(name, String(value));
    if (!again && this.#cursor) query.set("cursor", this.#cursor);
    try {
      const found = await api.queue(query);
      this.#cursor = found.cursor;
      for (const item of found.items) for (const reason of item.reasons) this.#reasons.add(reason.slug);
      if (again) {
        this.#showProgress(found.progress);
        this.#showFilters(found.progress);
        byId("items").replaceChildren();
      }
      byId("items").append(...found.items.map((item) => this.#item(item)));
      const none = byId("items").children.length === 0;
      byId("empty").hidden = !none;
      const more = byId("more");
      fill(more, this.#cursor ? h("button", { type: "button", onclick: () => void this.#read(false) }, t("queue.more")) : null);
    } catch (fault) {
      tellFault(fault);
    }
  }

  async #readClosed(): Promise<void> {
    const { meeting } = this.#filters;
    try {
      const { progress } = await api.queue(new URLSearchParams({ limit: "1" }));
      const items = await closedByPeople(meeting ? [meeting] : progress.map((item) => item.meeting_id));
      fill(byId("items"), ...items.map((item) => closedLine(item, this.#session, (id) => void this.#settle(id, "open", null))));
      byId("empty").hidden = items.length > 0;
      fill(byId("more"));
    } catch (fault) {
      tellFault(fault);
    }
  }

  #showFilters(progress: readonly Progress[]): void {
    const host = byId("filters");
    if (host.childElementCount) return;
    const choice = (name: "meeting" | "reason" | "state", options: readonly { value: string; label: string }[]) => {
      const select = h("select", { id: `filter-${name}` }, h("option", { value: "" }, t(`queue.any-${name}`)), ...options.map((item) => h("option", { value: item.value }, item.label)));
      select.value = this.#filters[name];
      select.addEventListener("change", () => {
        this.#filters[name] = select.value;
        void this.#read(true);
      });
      return h("label", {}, t(`queue.${name}`), " ", select);
    };
    const mine = h("input", { type: "checkbox", id: "filter-mine" });
    mine.addEventListener("change", () => {
      this.#filters.mine = mine.checked;
      void this.#read(true);
    });
    const closed = h("input", { type: "checkbox", id: "filter-closed" });
    closed.addEventListener("change", () => {
      this.#closed = closed.checked;
      for (const name of ["reason", "state", "mine"]) (byId(`filter-${name}`) as HTMLInputElement).disabled = closed.checked;
      void this.#read(true);
    });
    fill(
      host,
      choice("meeting", progress.map((item) => ({ value: item.meeting_id, label: item.title }))),
      choice("reason", [...this.#reasons].map((value) => ({ value, label: tSlug("reason", value) }))),
      choice("state", STATES.map((value) => ({ value, label: tSlug("state", value) }))),
      h("label", { class: "switch" }, mine, " ", t("queue.mine")),
      h("label", { class: "switch" }, closed, " ", t("queue.show-closed")),
    );
  }

  #showProgress(progress: readonly Progress[]): void {
    fill(
      byId("meetings"),
      ...progress.map((item) => {
        const done = item.approved + item.published;
        const bar = h("progress", { max: Math.max(1, item.total), value: done, "aria-label": t("queue.done", { done, total: item.total }) });
        return h(
          "li",
          {},
          h("a", { href: `/desk/meetings/${encodeURIComponent(item.meeting_id)}` }, h("bdi", {}, item.title)),
          bar,
          h(
            "span",
            { class: "muted" },
            t("queue.done", { done, total: item.total }),
            item.minutes_per_audio_hour === null ? "" : ` · ${t("queue.pace", { minutes: Math.round(item.minutes_per_audio_hour) })}`,
          ),
        );
      }),
    );
    byId("no-meetings").hidden = progress.length > 0;
  }

  #item(item: QueueItem): HTMLElement {
    const id = item.record_id ?? item.review_item_id ?? "";
    const where = item.record_id ? `record=${encodeURIComponent(item.record_id)}` : `at_ms=${item.start_ms}`;
    const mine = item.claimed_by?.id === this.#session.person.id;
    const claim = h("button", { type: "button", class: "command" }, t(mine ? "queue.release" : "queue.claim"));
    claim.addEventListener("click", () => void this.#claim(id, mine));
    const close = item.review_item_id && this.#session.may.includes("review") ? h("button", { type: "button", class: "command", onclick: () => void this.#close(item) }, t("queue.close")) : null;
    return h(
      "li",
      { "data-id": id },
      h(
        "div",
        { class: "queue-what" },
        h("a", { class: "queue-link", href: `/desk/meetings/${encodeURIComponent(item.meeting_id)}?${where}` }, h("bdi", {}, item.heading ?? t("heading.nobody"))),
        h("span", { class: "muted" }, ` ${clock(item.start_ms)} · ${t("queue.length", { seconds: Math.round((item.end_ms - item.start_ms) / 1000) })}`),
        h("p", { class: "reasons" }, ...item.reasons.map((reason) => h("span", { class: "flag" }, reason.text || tSlug("reason", reason.slug)))),
      ),
      item.claimed_by ? h("span", { class: mine ? "claim mine" : "claim" }, mine ? t("row.mine") : t("row.claimed", { name: item.claimed_by.name })) : null,
      this.#session.may.includes("review") && (mine || !item.claimed_by) ? claim : null,
      close,
    );
  }

  // What the log is silent about, and needs nothing: closed with a reason, which stays beside it.
  async #close(item: QueueItem): Promise<void> {
    const what = `${item.heading ?? ""} ${clock(item.start_ms)}`;
    const asked = await ask({
      title: t("queue.close-title", { what }),
      about: t("queue.close-about"),
      ok: t("queue.close"),
      fields: [{ name: "reason", label: t("reason.label"), type: "area", required: true }],
    });
    if (!asked || !item.review_item_id) return;
    await this.#settle(item.review_item_id, "closed", String(asked.answers.reason));
  }

  async #settle(id: string, state: "open" | "closed", reason: string | null): Promise<void> {
    try {
      await api.settleItem(id, state, reason);
      tell(t(state === "closed" ? "queue.closed" : "queue.opened"));
    } catch (fault) {
      tellFault(fault);
    }
    await this.#read(true);
    (document.querySelector<HTMLElement>(".queue-link") ?? byId("desk")).focus();
  }

  async #claim(id: string, mine: boolean): Promise<void> {
    try {
      if (mine) await api.release(id);
      else await api.claim(id);
    } catch (fault) {
      tellFault(fault);
    }
    await this.#read(true);
    document.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"] button`)?.focus();
  }

  // n and p go through the list, Enter opens what has the focus.
  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest("input, select, textarea, dialog")) return;
    const step = { n: 1, ArrowDown: 1, p: -1, ArrowUp: -1 }[event.key];
    if (!step || localStorage.getItem("floorlog-single-keys") === "off") return;
    const links = [...document.querySelectorAll<HTMLElement>(".queue-link")];
    const here = links.findIndex((link) => link.closest("li")?.contains(document.activeElement));
    event.preventDefault();
    links[Math.max(0, Math.min(links.length - 1, here + step))]?.focus();
  }
}
