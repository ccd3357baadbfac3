// The parts without a page: words and their times, differences and merging, windowing, keys, headings, saving.

import { describe, expect, it, vi } from "vitest";

import { Refused, Unreachable } from "../src/api";
import { parseClock, fineClock } from "../src/clock";
import { all, commandFor, labelKey, nameOf } from "../src/commands";
import { difference, merge } from "../src/diff";
import catalogue from "../src/en.json";
import { personHeading } from "../src/heading";
import { Saver, type Conflict, type Status } from "../src/saver";
import type { Changed, Correction, Entry, Word } from "../src/types";
import { Heights } from "../src/windowing";
import { edit, momentOf, place, whole, wordAt, written } from "../src/words";

const word = (text: string, start_ms: number): Word => ({ text, start_ms, end_ms: start_ms + 300, confidence: 0.9, source: "recognised" });
const WORDS = ["I", "give", "the", "floor"].map((text, index) => word(text, 500 * index));

describe("words", () => {
  const text = "I give the floor";
  it("keeps the times of what an edit does not touch", () => {
    const typed = edit(place(text, WORDS), 7, 10, "a");
    expect(typed.map((item) => item.word?.text)).toEqual(["I", "give", "floor"]);
    expect(typed.every((item) => whole("I give a floor", item))).toBe(true);
    expect(written("I give a floor", typed)).toEqual([{ from: 7, to: 8 }]);
  });
  it("knows which word is spoken, and the moment of what a person wrote", () => {
    const placed = place(text, WORDS);
    expect(wordAt(placed, -1)).toBe(-1);
    expect(wordAt(placed, 1200)).toBe(2);
    expect(momentOf(placed, 8)).toBe(1000);
    expect(momentOf(edit(placed, 7, 10, "a"), 7)).toBeGreaterThanOrEqual(800);
  });
  it("loses a word that is joined to another one", () => {
    const joined = edit(place(text, WORDS), 1, 2, "").filter((item) => whole("Igive the floor", item));
    expect(joined.map((item) => item.word?.text)).toEqual(["the", "floor"]);
  });
});

describe("differences", () => {
  it("are by words, and lead from one text to the other", () => {
    const before = "the quick brown fox jumps";
    const after = "the slow brown fox jumps high";
    const parts = difference(before, after);
    expect(parts.filter((part) => part.kind !== "added").map((part) => part.text).join("")).toBe(before);
    expect(parts.filter((part) => part.kind !== "removed").map((part) => part.text).join("")).toBe(after);
    expect(parts.find((part) => part.kind === "removed")?.text).toBe("quick");
  });
  it("lead there for any two texts", () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 300; round += 1) {
      const text = () => Array.from({ length: random(12) }, () => "abcd"[random(4)]).join(" ");
      const [a, b] = [text(), text()];
      const parts = difference(a, b);
      expect(parts.filter((part) => part.kind !== "added").map((part) => part.text).join("")).toBe(a);
      expect(parts.filter((part) => part.kind !== "removed").map((part) => part.text).join("")).toBe(b);
    }
  });
  it("of two people are merged where they do not touch", () => {
    expect(merge("one two three four", "ONE two three four", "one two three FOUR")).toEqual({ text: "ONE two three FOUR", conflicts: 0 });
    expect(merge("one two three", "one 2 three", "one II three").conflicts).toBe(1);
    expect(merge("one two", "one 2", "one 2")).toEqual({ text: "one 2", conflicts: 0 });
  });
});

describe("a long list", () => {
  it("knows what is visible, before and after rows were measured", () => {
    const heights = new Heights();
    heights.reset(Array.from({ length: 1000 }, () => 100));
    expect(heights.visible(5000, 300, 0)).toEqual([50, 53]);
    expect(heights.measure(10, 300)).toBe(200);
    expect(heights.top(11)).toBe(1300);
    expect(heights.total).toBe(100_200);
    expect(heights.at(5000)).toBe(48);
  });
});

const press = (key: string, code: string, mods: Partial<Record<"ctrlKey" | "altKey" | "shiftKey" | "metaKey", boolean>> = {}) => ({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...mods });

describe("commands", () => {
  it("have one key each, and a name in the catalogue", () => {
    for (const kind of ["keys", "always"] as const) {
      const keys = all.flatMap((command) => command[kind] ?? []);
      expect(new Set(keys).size).toBe(keys.length);
    }
    for (const command of all) expect(catalogue).toHaveProperty([labelKey(command)]);
  });
  it("are found by the place of the key with Alt, and by its sign without", () => {
    expect(nameOf(press("˚", "KeyK", { altKey: true }))).toBe("Alt+k");
    expect(nameOf(press("{", "BracketLeft", { shiftKey: true }))).toBe("Shift+[");
    expect(nameOf(press("?", "Slash", { shiftKey: true }))).toBe("?");
    expect(nameOf(press("z", "KeyZ", { metaKey: true }))).toBe("Mod+z");
    expect(commandFor(press("k", "KeyK"), true, true)).toBeNull();
    expect(commandFor(press("k", "KeyK"), false, true)?.id).toBe("play");
    expect(commandFor(press("k", "KeyK"), false, false)).toBeNull();
  });
});

describe("headings and clocks", () => {
  it("put surnames in capitals", () => {
    expect(personHeading("Ms. Anna Sofia Berg")).toBe("Ms. BERG");
    expect(personHeading("Mr. VAN DER BERG")).toBe("Mr. VAN DER BERG");
    expect(personHeading("Antonio Guterres")).toBe("Antonio GUTERRES");
  });
  it("read moments as they are shown", () => {
    expect(fineClock(3_723_400)).toBe("1:02:03.4");
    expect(parseClock("1:02:03.4")).toBe(3_723_400);
    expect(parseClock("soon")).toBeNull();
  });
});

const entry = (text: string, revision: number): Entry => ({ id: "rec-a", text, revision, review: { state: "machine" } }) as Entry;

function desk(correct: (revision: number, corrections: readonly Correction[]) => Promise<Changed>) {
  const seen: { states: Status[]; conflicts: Conflict[]; kept: string[] } = { states: [], conflicts: [], kept: [] };
  const saver = new Saver({
    correct: (_, revision, corrections) => correct(revision, corrections),
    keep: (draft) => seen.kept.push(draft.text),
    forget: () => (seen.kept = []),
    status: (_, status) => seen.states.push(status),
    conflict: (_, conflict) => seen.conflicts.push(conflict),
    changed: () => undefined,
    needsReason: () => false,
  });
  saver.accept(entry("one two", 1));
  return { saver, seen };
}

describe("saving", () => {
  it("happens after a pause, with the revision that was seen", async () => {
    vi.useFakeTimers();
    const sent: unknown[] = [];
    const { saver, seen } = desk((revision, corrections) => {
      sent.push([revision, corrections[0]?.before, corrections[0]?.after]);
      return Promise.resolve({ records: [entry("one 2", 2)], retired: [] });
    });
    saver.edit("rec-a", "one 2");
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual([[1, { text: "one two" }, { text: "one 2" }]]);
    expect([seen.states.at(-1), seen.kept]).toEqual(["clean", []]);
    vi.useRealTimers();
  });
  it("is tried again while the server does not answer, and nothing is lost meanwhile", async () => {
    vi.useFakeTimers();
    let there = false;
    const { saver, seen } = desk(() => (there ? Promise.resolve({ records: [entry("one 2", 2)], retired: [] }) : Promise.reject(new Unreachable("no"))));
    saver.edit("rec-a", "one 2");
    await vi.advanceTimersByTimeAsync(1000);
    expect([saver.status("rec-a"), seen.kept]).toEqual(["offline", ["one 2"]]);
    there = true;
    await vi.advanceTimersByTimeAsync(4000);
    expect(saver.status("rec-a")).toBe("clean");
    vi.useRealTimers();
  });
  it("shows both texts where somebody else was faster", async () => {
    const { saver, seen } = desk(() => Promise.reject(new Refused(409, { theirs: entry("ONE two", 2) })));
    saver.edit("rec-a", "one 2");
    await saver.flush("rec-a");
    expect(seen.conflicts[0]).toMatchObject({ base: "one two", yours: "one 2", merged: "ONE 2", overlapping: 0 });
  });
  it("keeps a text whose intervention was merged away, and says so", async () => {
    const { saver, seen } = desk(() => Promise.reject(new Refused(409, { theirs: null })));
    saver.edit("rec-a", "one 2");
    await saver.flush("rec-a");
    expect(seen.conflicts[0]).toMatchObject({ theirs: null, yours: "one 2" });
    expect([saver.status("rec-a"), seen.kept]).toEqual(["conflict", ["one 2", "one 2"]]);
  });
  it("never shows a server's text over what is being written", () => {
    const { saver } = desk(() => Promise.reject(new Unreachable("no")));
    saver.edit("rec-a", "one 2");
    expect(saver.accept(entry("something else", 2))).toBe(false);
    expect(saver.text("rec-a")).toBe("one 2");
    saver.forget("rec-a");
  });
});
