// How the page calls what it shows: who had the floor, in what role, and what a record's state means.

import { length } from "./clock";
import { h, type Child } from "./dom";
import { CHAIR } from "./figures";
import { saidMs } from "./known";
import { language, t, tSlug, type Key } from "./text";
import type { Intervention, Meeting } from "./types";

// The name under which somebody had the floor; the chair by title.
export function holder(item: Pick<Intervention, "speaker">, meeting: Pick<Meeting, "chair"> | null): string {
  if (!item.speaker) return t("who.nobody");
  if (item.speaker.entity.code === CHAIR) return meeting?.chair.title ?? t("who.chair");
  return item.speaker.entity.name;
}

export function stateChip(state: string): HTMLElement {
  return h("span", { class: `chip review-${state}` }, tSlug("state", state));
}

// The line under a name: kind, language, interpretation, length unless it still grows, state.
export function tags(item: Intervention, timed = true): Child[] {
  const spoken = language(item.language_spoken ?? item.language_text);
  return [
    h("span", {}, tSlug("kind", item.kind)),
    spoken && h("span", {}, spoken),
    item.interpretation && h("span", { class: "interpreted" }, t("turn.interpretation")),
    timed && h("span", {}, length(saidMs(item))),
    stateChip(item.review.state),
  ];
}

export function behalf(item: Intervention): HTMLElement | null {
  const others = item.on_behalf_of.filter((each) => each.code !== item.speaker?.entity.code);
  if (!others.length) return null;
  return h("p", { class: "behalf" }, t("turn.on-behalf", { names: others.map((each) => each.name).join(", ") }));
}

export function channelName(name: string, tag: string | null): string {
  return name === "floor" ? t("channel.floor") : t("channel.interpretation", { language: language(tag ?? name) ?? name });
}

// The meaning of each state of review, for the note on labels.
export const STATES = ["provisional", "machine", "in_review", "approved", "published", "corrected", "withdrawn"] as const;
export const meaning = (state: (typeof STATES)[number]): string => t(`state-means.${state}` as Key);
