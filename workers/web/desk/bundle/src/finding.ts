// Find and replace, in the whole meeting.

import * as api from "./api";
import { ask } from "./dialogs";
import { tell } from "./dom";
import type { Workbench } from "./meeting";
import { t } from "./text";

const AT_ONCE = 50; // records that the server gives at once
const SHORT = 80; // a longer selection is no word to look for

export async function find(bench: Workbench): Promise<void> {
  const selection = String(getSelection() ?? "").trim();
  const asked = await ask({
    title: t("find.title"),
    fields: [
      { name: "find", label: t("find.find"), type: "text", value: selection.length < SHORT ? selection : "", required: true },
      { name: "replace", label: t("find.replace"), type: "text" },
      { name: "case", label: t("find.case"), type: "check" },
      { name: "words", label: t("find.words"), type: "check", value: true },
    ],
    ok: t("find.next"),
    more: bench.may("review") ? [{ label: t("find.all"), value: "all" }] : [],
  });
  const wanted = String(asked?.answers.find ?? "");
  if (!asked || !wanted) return;
  const match_case = asked.answers.case === true;
  const whole_words = asked.answers.words === true;
  if (asked.chosen !== "all") {
    await findNext(bench, wanted, pattern(wanted, match_case, whole_words));
    return;
  }
  if (!(await bench.saver.flushAll())) return;
  const changed = await api.replace(bench.id, { find: wanted, replace: String(asked.answers.replace ?? ""), match_case, whole_words });
  bench.reading.took(changed);
  tell(t("find.replaced", { count: changed.records.length }));
}

export function pattern(wanted: string, matchCase: boolean, wholeWords: boolean): RegExp {
  const escaped = wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(wholeWords ? `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])` : escaped, matchCase ? "u" : "iu");
}

async function findNext(bench: Workbench, wanted: string, looked: RegExp): Promise<void> {
  const { list, saver } = bench;
  const here = bench.selected ? list.index(bench.selected) : -1;
  const order = [...list.rows.slice(here + 1), ...list.rows.slice(0, here + 1)];
  for (let at = 0; at < order.length; at += AT_ONCE) {
    const part = order.slice(at, at + AT_ONCE);
    const missing = part.filter((row) => !saver.entry(row.record_id)).map((row) => row.record_id);
    if (missing.length) await bench.reading.fetch(missing);
    const hit = part.find((row) => looked.test(saver.text(row.record_id) ?? ""));
    if (!hit) continue;
    bench.goTo(hit.record_id);
    const found = looked.exec(saver.text(hit.record_id) ?? "");
    if (found) bench.view?.editor?.select(found.index, found.index + found[0].length);
    return;
  }
  tell(t("find.nothing", { find: wanted }));
}
