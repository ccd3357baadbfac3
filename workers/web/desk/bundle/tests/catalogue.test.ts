/// <reference types="vite/client" />
// The one catalogue: every sentence is in it, and nothing else.

import { describe, expect, it } from "vitest";

import catalogue from "../src/en.json";
import { t } from "../src/text";

describe("the catalogue", () => {
  it("counts", () => {
    expect(t("approve-all.title", { count: 1 })).toBe("Approve one intervention?");
    expect(t("approve-all.title", { count: 2 })).toBe("Approve 2 interventions?");
  });
  it("has no entry that nobody uses", () => {
    const sources = Object.values(import.meta.glob("../src/*.ts", { query: "?raw", import: "default", eager: true })).join("\n");
    const made = /^(page|command|reason|state|state-means|kind|field|ledger|evidence|language|flag|theme|group|save|span|timeline|undo|redo|approve-all|publish-all|conflict\.done|queue\.any|heading)[-.]|^queue\.(meeting|reason|state)$/;
    const unused = Object.keys(catalogue).filter((key) => !made.test(key) && !/\.one$/.test(key) && !sources.includes(`"${key}"`));
    expect(unused).toEqual([]);
    for (const [key, text] of Object.entries(catalogue)) expect([key, text.trim() === text && text !== ""]).toEqual([key, true]);
  });
  it("holds every sentence: elements are given no words of their own", () => {
    const sources: Record<string, string> = import.meta.glob("../src/*.ts", { query: "?raw", import: "default", eager: true });
    for (const [file, source] of Object.entries(sources)) {
      const literal = /\bh\("[a-z0-9]+",\s*(?:\{[^{}]*\},\s*)"([A-Za-z]{2,}[^"]*)"/.exec(source);
      expect([file, literal?.[1]]).toEqual([file, undefined]);
    }
  });
});
