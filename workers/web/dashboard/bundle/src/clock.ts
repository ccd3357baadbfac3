// Moments and lengths of the meeting clock as text, and back.

import { t } from "./text";

export function clock(ms: number): string {
  const s = Math.floor(Math.max(0, ms) / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

// As it stands in addresses: to the millisecond, so that it leads to the very word.
export function address(ms: number): string {
  const rest = Math.floor(ms) % 1000;
  return rest ? `${clock(ms)}.${String(rest).padStart(3, "0").replace(/0+$/, "")}` : clock(ms);
}

export function parseClock(text: string): number | null {
  if (!/^\d{1,6}(:\d{1,2}){0,2}(\.\d{1,3})?$/.test(text)) return null;
  return Math.round(text.split(":").reduce((total, part) => total * 60 + Number(part), 0) * 1000);
}

export function length(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 60) return t("length.seconds", { s });
  if (s < 3600) return t("length.minutes", { m: Math.floor(s / 60), s: String(s % 60).padStart(2, "0") });
  return t("length.hours", { h: Math.floor(s / 3600), m: String(Math.floor(s / 60) % 60).padStart(2, "0") });
}

const DAY = new Intl.DateTimeFormat(t("locale"), { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

export const day = (iso: string): string => DAY.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`));

export const utcTime = (iso: string): string => t("clock.utc", { time: iso.slice(11, 19) });
