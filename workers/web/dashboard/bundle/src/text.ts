// Every sentence of the page comes from one catalogue, so that another language is one more file.

import catalogue from "../../en.json";

export type Key = keyof typeof catalogue;

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

// One of two entries: `key.one` for 1, else `key.many`.
export function tCount(key: string, n: number): string {
  return t(`${key}.${n === 1 ? "one" : "many"}` as Key, { n: n.toLocaleString(t("locale")) });
}

// A slug that came from the server: its entry if there is one, else the slug in words.
export function tSlug(prefix: string, slug: string): string {
  const key = `${prefix}.${slug}`;
  if (key in catalogue) return catalogue[key as Key];
  const words = slug.replace(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const LANGUAGES = new Intl.DisplayNames([t("locale")], { type: "language" });

// The name of a language by its tag; null where it is not known.
export function language(tag: string | null): string | null {
  if (tag === null || tag === "und") return null;
  try {
    return LANGUAGES.of(tag) ?? tag;
  } catch {
    return tag;
  }
}
