// What people took out of the queue: silences that need nothing, with the reason, and a way to open them again.

import * as api from "./api";
import { clock, dayAndTime } from "./clock";
import { h } from "./dom";
import { t, tSlug } from "./text";
import type { ReviewItem, Session } from "./types";

// Those that the machine closed, because the words came after all, are nobody's decision.
export async function closedByPeople(meetingIds: readonly string[]): Promise<ReviewItem[]> {
  const found = await Promise.all(meetingIds.map((id) => api.reviewItems(id)));
  return found
    .flatMap(({ items }) => items)
    .filter((item) => item.state === "closed" && item.closed_by !== "machine")
    .sort((a, b) => (b.closed_at ?? "").localeCompare(a.closed_at ?? ""));
}

export function closedLine(item: ReviewItem, session: Session, reopen: (id: string) => void): HTMLElement {
  const seconds = Math.round((item.span.end_ms - item.span.start_ms) / 1000);
  const by = item.closed_by === session.person.id ? t("queue.closed-by-you") : t("queue.closed");
  return h(
    "li",
    { "data-id": item.id },
    h(
      "div",
      { class: "queue-what" },
      h("a", { class: "queue-link", href: `/desk/meetings/${encodeURIComponent(item.meeting_id)}?at_ms=${item.span.start_ms}` }, tSlug("reason", item.reason)),
      h("span", { class: "muted" }, ` ${item.channel} ${clock(item.span.start_ms)} · ${t("queue.length", { seconds })}`),
      h("p", {}, `${by} ${item.closed_at ? dayAndTime(item.closed_at) : ""}: `, h("q", { dir: "auto" }, item.closed_reason ?? "")),
    ),
    session.may.includes("review") ? h("button", { type: "button", class: "command", onclick: () => reopen(item.id) }, t("queue.reopen")) : null,
  );
}
