// Headings in the form of United Nations records: "Ms. SURNAME (Country) (spoke in French)".

import { t, tSlug } from "./text";
import type { Entry } from "./types";

const TITLE = /^(Mr|Mrs|Ms|Miss|Dr|Sir|Dame|H\.E|M|Mme|Mlle|Sr|Sra)\.?\s+/i;

// "Ms. Anna Sofia Berg" becomes "Ms. BERG"; a name that is already in capitals stays.
export function personHeading(name: string): string {
  const title = TITLE.exec(name)?.[0].trim() ?? "";
  const rest = name.slice(TITLE.exec(name)?.[0].length ?? 0).trim();
  const parts = rest.split(/\s+/);
  const capitals = parts.filter((part) => part.length > 1 && part === part.toUpperCase() && /\p{Lu}/u.test(part));
  const surname = capitals.length > 0 ? capitals.join(" ") : (parts.at(-1) ?? rest).toUpperCase();
  if (title) return `${title} ${surname}`;
  return capitals.length > 0 ? rest : [...parts.slice(0, -1), surname].join(" ");
}

export function heading(entry: Entry, chair: string): string {
  const speaker = entry.speaker;
  let who = t("heading.nobody");
  if (speaker) {
    const of = speaker.entity.code === "CHAIR" ? chair : speaker.entity.name;
    who = speaker.person ? `${personHeading(speaker.person)} (${of})` : of;
  }
  const language = entry.language_spoken;
  const primary = language?.split("-")[0];
  if (primary && primary !== "en" && primary !== "und") who += ` (${spoke(entry.interpretation, primary)})`;
  return who;
}

// Words that an interpreter said are no delivered ones: "interpretation from French", not "spoke in French".
function spoke(interpretation: boolean, language: string): string {
  return t(interpretation ? "heading.interpretation" : "heading.spoke", { language: tSlug("language", language) });
}

// What stands above an interpreter's words: the channel, and what they are from.
export function interpretationLabel(entry: Entry, channel: string): string {
  const primary = entry.language_spoken?.split("-")[0];
  const from = primary && primary !== "und" ? t("heading.interpretation", { language: tSlug("language", primary) }) : t("heading.interpretation-only");
  return `${channel} (${from})`;
}
