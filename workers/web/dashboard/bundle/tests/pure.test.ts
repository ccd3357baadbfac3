/// <reference types="vite/client" />
// The parts without a page: what is known, sums, passages, clocks, and that the catalogue is whole.

import { describe, expect, it } from "vitest";

import catalogue from "../../en.json";
import { short, ticks } from "../src/bars";
import { address, clock, day, length, parseClock } from "../src/clock";
import { CATEGORIES, category, figures, type Entities } from "../src/figures";
import { Known } from "../src/known";
import { beginning, momentAt, paragraphs, passagesOf, tail, tokens } from "../src/passages";
import { language, t, tCount, tSlug } from "../src/text";
import type { Intervention, TimeRow, Word } from "../src/types";

const item = (id: string, start_ms: number, more: Partial<Intervention> = {}): Intervention => ({
  id,
  revision: 1,
  meeting_id: "small",
  channel: "floor",
  kind: "statement",
  spans: [{ start_ms, end_ms: start_ms + 1000 }],
  language_spoken: "en",
  language_text: "en",
  interpretation: false,
  speaker: null,
  on_behalf_of: [],
  aligned_with: [],
  text: "",
  themes: [],
  review: { state: "machine" },
  licence: "CC0-1.0",
  synthetic: true,
  ...more,
});
const ids = (items: Intervention[]) => items.map((each) => each.id);
const words = (...texts: string[]): Word[] => texts.map((text, index) => ({ text, start_ms: 1000 * index, end_ms: 1000 * index + 800, confidence: 0.9 }));

describe("what is known", () => {
  it("keeps the order of the clock, with what is open behind", () => {
    const known = new Known();
    known.replace([item("b", 2000), item("a", 1000)]);
    known.hear({ state: "live", heard_until_ms: 4000, open: [item("c", 3000)], floor: { record_id: "c" } });
    expect(ids(known.all)).toEqual(["a", "b", "c"]);
    expect(known.holder?.id).toBe("c");
    known.put(item("c", 3000));
    expect(ids(known.open)).toEqual([]);
    expect(ids(known.standing)).toEqual(["a", "b", "c"]);
  });
  it("does not go back to an older revision", () => {
    const known = new Known();
    known.put(item("a", 0, { revision: 3, text: "new" }));
    expect(known.put(item("a", 0, { revision: 2, text: "old" }))).toBe(false);
    expect(known.get("a")?.text).toBe("new");
  });
  it("leaves a note of what was shown and withdrawn, and none of what was not", () => {
    const known = new Known();
    known.put(item("a", 5000, { text: "secret" }));
    known.withdraw("a", "asked");
    known.withdraw("never-seen", "asked");
    expect(known.gone).toEqual([{ id: "a", startMs: 5000, reason: "asked" }]);
    expect(known.all).toEqual([]);
    known.put(item("a", 5000));
    expect(known.gone).toEqual([]);
  });
  it("knows whose floor it was at a moment", () => {
    const known = new Known();
    known.replace([item("a", 1000), item("b", 4000)]);
    expect(known.at(1500)?.id).toBe("a");
    expect(known.at(3000)?.id).toBe("a");
    expect(known.at(0)?.id).toBe("a");
    expect(known.at(99_000)?.id).toBe("b");
  });
});

describe("sums", () => {
  const entities: Entities = new Map(
    (
      [
        ["NOR", "state", ["WEOG", "NORDIC"]],
        ["NGA", "state", ["AFRICAN_GROUP"]],
        ["EU", "organization", []],
      ] as const
    ).map(([code, kind, groups]) => [code, { code, kind, name: code, groups: [...groups] }]),
  );
  const row = (entity: string | null, ms: number, kind = "statement"): TimeRow => ({ entity, kind, records: 1, ms });
  it("puts delegations and regional groups in order, and keeps the chair and the unknown apart", () => {
    const found = figures(
      [row("NOR", 10), row("NGA", 30), row("NGA", 5, "right_of_reply"), row("EU", 20), row("CHAIR", 99, "chair"), row("NOR", 7, "procedural"), row(null, 3)],
      entities,
    );
    expect(found.delegations.map((share) => [share.key, share.ms])).toEqual([["NGA", 35], ["EU", 20], ["NOR", 10]]);
    expect(found.groups.map((share) => share.key)).toEqual(["AFRICAN_GROUP", "organization", "WEOG"]);
    expect([found.chair.ms, found.nobody.ms]).toEqual([106, 3]);
  });
  it("has a name for each category, and one for what no table knows", () => {
    expect(category("XYZ", "statement", entities)).toBe("other");
    for (const each of CATEGORIES) expect(catalogue).toHaveProperty([`group.${each}`]);
  });
});

describe("passages", () => {
  it("finds the moment of a place that is counted in code points", () => {
    const text = "😀 peace, and rights";
    expect(momentAt(text, words("😀", "peace,", "and", "rights"), 2)).toBe(1000);
    expect(momentAt(text, words("😀", "peace,", "and", "rights"), 13)).toBe(3000);
    expect(momentAt(text, words("😀"), 13)).toBe(null);
  });
  it("counts a passage once that two rules found", () => {
    const tag = { theme: "a", quote: "x", offset: 0, version: "v/1" };
    expect(passagesOf([tag, { ...tag }, { ...tag, offset: 4 }, { ...tag, theme: "b" }], "a").length).toBe(2);
  });
  it("keeps every character of a text between its words", () => {
    const text = "Well —  yes, “so” it is.";
    const whole = tokens(text, words("Well", "yes,", "“so”", "it", "is."));
    expect(whole.map((token) => token.text)).toEqual(["Well", "yes,", "“so”", "it", "is."]);
    expect(tokens("a b", words("a", "x", "b")).map((token) => token.before + token.text).join("")).toBe("a x b");
  });
  it("ends a paragraph with a sentence only", () => {
    const texts = Array.from({ length: 300 }, (_, index) => (index % 10 === 9 ? "end." : "word"));
    const lines = paragraphs(tokens(texts.join(" "), words(...texts)));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines.slice(0, -1)) expect(line.at(-1)?.text).toBe("end.");
  });
  it("shortens at words", () => {
    expect(tail("one two three", 8)).toBe("… three");
    expect(beginning("one two three", 8)).toBe("one two …");
    expect(beginning("short", 8)).toBe("short");
  });
});

describe("clocks", () => {
  it("reads what it writes, and nothing else", () => {
    expect(clock(5_025_999)).toBe("1:23:45");
    expect(parseClock("1:23:45")).toBe(5_025_000);
    expect(parseClock("83:45")).toBe(5_025_000);
    expect(parseClock("0:01:24.3")).toBe(84_300);
    for (const bad of ["", "1:2:3:4", "-1", "1:234", "a", "1:23:45<script>"]) expect(parseClock(bad)).toBe(null);
  });
  it("writes addresses that lead to the very word", () => {
    expect([address(5_025_000), address(84_300), address(1_005)]).toEqual(["1:23:45", "0:01:24.3", "0:00:01.005"]);
    expect(parseClock(address(142_170))).toBe(142_170);
  });
  it("says lengths and days", () => {
    expect([length(12_400), length(185_000), length(3_840_000)]).toEqual(["12 s", "3 min 05 s", "1 h 04 min"]);
    expect(day("2021-02-24")).toBe("24 February 2021");
  });
  it("marks an axis at round lengths, few of them", () => {
    for (const ms of [3000, 47_000, 600_000, 5_000_000, 90_000_000]) expect(ticks(ms).length).toBeLessThanOrEqual(6);
    expect([0, 30_000, 90_000, 3_600_000].map(short)).toEqual(["0", "30 s", "2 min", "1 h"]);
  });
});

describe("the catalogue", () => {
  const sources = Object.values(import.meta.glob<string>("../src/*.ts", { query: "?raw", import: "default", eager: true }));
  const templates = Object.values(import.meta.glob<string>("../../../templates/*dashboard*.html", { query: "?raw", import: "default", eager: true }));
  const all = [...sources, ...templates].join("\n");
  it("has every sentence that is asked for", () => {
    for (const [, key] of all.matchAll(/\bt\((?:")([a-z.-]+)"/g)) expect(catalogue).toHaveProperty([key as string]);
    for (const [, key] of all.matchAll(/\bt\["([^"]+)"\]/g)) expect(catalogue).toHaveProperty([key as string]);
    for (const [, key] of all.matchAll(/tCount\("([^"]+)"/g)) {
      expect(catalogue).toHaveProperty([`${key}.one`]);
      expect(catalogue).toHaveProperty([`${key}.many`]);
    }
  });
  it("has no sentence that nobody asks for", () => {
    const made = /^(meeting|kind|state|state-means|group|file)\./;
    const unused = Object.keys(catalogue).filter((key) => !made.test(key) && !all.includes(`"${key.replace(/\.(one|many)$/, "")}"`));
    expect(unused).toEqual([]);
  });
  it("leaves no sentence in the templates", () => {
    for (const text of templates) expect(text.replace(/\{[{%].*?[%}]\}|<[^>]*>/gs, "").replace(/[\s·/0-9:+−.-]/g, "")).toBe("");
  });
  it("fills in values, and words what it does not know", () => {
    expect(t("turn.play", { name: "Norway", clock: "0:00:01" })).toBe("Play Norway from 0:00:01");
    expect([tCount("log.count", 1), tCount("log.count", 1200)]).toEqual(["1 intervention", "1,200 interventions"]);
    expect([tSlug("kind", "new_kind"), language("fr"), language("und"), language("not a tag")]).toEqual(["New kind", "French", null, "not a tag"]);
  });
});
