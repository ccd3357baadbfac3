// What decides conflicts, where there is room, what is found, and what approving a meeting takes.

import { describe, expect, it } from "vitest";

import { plain } from "../src/completing";
import { pattern } from "../src/finding";
import { sorted } from "../src/flow";
import { freeSpan } from "../src/free";
import { decision, stretch, withWords } from "../src/threeways";
import type { Entry, MachineConflict, Row, Word } from "../src/types";

const word = (text: string, start_ms: number): Word => ({ text, start_ms, end_ms: start_ms + 300, confidence: 0.9, source: "recognised" });
const spoken = (text: string, start_ms = 0) => ({ text, words: text.split(" ").map((each, index) => word(each, start_ms + 500 * index)) });
const differs = (field: string, yours: unknown, machine: unknown, atMs = 0): MachineConflict => ({ id: "con-1", kept: true, field, base: null, yours, machine, span: { start_ms: atMs, end_ms: atMs + 300 } });
const aRecord = (text: string): Entry => ({ ...spoken(text), id: "rec-a", revision: 3, kind: "statement", language_spoken: "en", language_text: "en", interpretation: false }) as Entry;

describe("a conflict with a better model", () => {
  it("is about the words that are nearest in time", () => {
    expect(stretch(spoken("we say we agree"), differs("text", "we", "they", 1100))).toEqual({ from: 7, to: 9 });
    expect(stretch(spoken("we say"), differs("text", "you", "they"))).toBeNull();
  });
  it("puts other words in their place, or none, or some where there were none", () => {
    expect(withWords(spoken("we say yes"), differs("text", "say yes", "", 500), "said: no")).toBe("we said: no");
    expect(withWords(spoken("we do say"), differs("text", "do", "", 500), "")).toBe("we say");
    expect(withWords(spoken("we say"), differs("text", "", "all", 500), "all")).toBe("we all say");
  });
  it("is decided by a correction that names it", () => {
    const entry = aRecord("we say");
    expect(decision(entry, differs("text", "say", "said", 500), "machine")).toEqual({ operation: "text", before: { text: "we say" }, after: { text: "we said" }, resolves: ["con-1"] });
    expect(decision(entry, differs("text", "say", "said", 500), "yours")?.after).toEqual({ text: "we say" });
    expect(decision(entry, differs("language_text", "en", "fr"), "machine")?.after).toEqual({ language_spoken: "en", language_text: "fr", interpretation: false });
    expect(decision(entry, differs("spans", [], [{ start_ms: 0, end_ms: 9 }]), "machine")).toMatchObject({ operation: "span", after: { spans: [{ start_ms: 0, end_ms: 9 }] } });
    expect(decision(entry, differs("record", ["rec-a"], []), "machine")).toMatchObject({ operation: "restore", after: null });
  });
});

describe("what was missed", () => {
  it("goes where no other intervention is", () => {
    const rows = [{ start_ms: 1000, end_ms: 4000 }, { start_ms: 4050, end_ms: 9000 }, { start_ms: 12_000, end_ms: 15_000 }];
    expect(freeSpan(rows, 0, 60_000)).toEqual({ start_ms: 0, end_ms: 1000 });
    expect(freeSpan(rows, 2000, 60_000)).toEqual({ start_ms: 9000, end_ms: 12_000 });
    expect(freeSpan(rows, 14_000, 18_000)).toEqual({ start_ms: 15_000, end_ms: 18_000 });
  });
});

describe("finding", () => {
  it("takes what is looked for literally, in any script", () => {
    expect(pattern("a.b", true, false).test("axb")).toBe(false);
    expect(pattern("état", false, true).test("L'État dit")).toBe(true);
    expect(pattern("tat", false, true).test("État")).toBe(false);
    expect(plain("Côte d'Ivoire")).toBe("cote d'ivoire");
  });
});

describe("approving a meeting", () => {
  const rows = ["machine", "in_review", "approved", "published", "withdrawn", "provisional"].map((state) => ({ state }) as Row);
  it("says what it takes and what it leaves out", () => {
    const found = sorted(rows, "approve");
    expect([found.taken.length, found.done, found.left.map((row) => row.state)]).toEqual([2, 2, ["withdrawn", "provisional"]]);
    expect(sorted(rows, "publish").left.map((row) => row.state)).toEqual(["machine", "in_review", "withdrawn", "provisional"]);
  });
});
