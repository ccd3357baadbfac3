// Every sentence of the workbench comes from one catalogue, so that another language is one more file.

import catalogue from "./en.json";

export type Key = keyof typeof catalogue;

const plural = new Intl.PluralRules("en");

// With a `count` the entry for that number is taken, where there is one: `key.one` beside `key`.
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const own = typeof values.count === "number" ? `${key}.${plural.select(values.count)}` : key;
  const text = own in catalogue ? catalogue[own as Key] : catalogue[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

// A slug that came from the server: its entry if there is one, else the slug in words.
export function tSlug(prefix: string, slug: string): string {
  const key = `${prefix}.${slug}`;
  if (key in catalogue) return catalogue[key as Key];
  const words = slug.replace(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
