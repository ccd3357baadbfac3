// What was written and never saved, by a tab that was closed or a connection that was lost, is offered again.

import { showConflict } from "./conflict";
import { merge } from "./diff";
import { byId, fill, h, say } from "./dom";
import type { Draft, Drafts } from "./drafts";
import type { Workbench } from "./meeting";
import { t } from "./text";

export async function offerDrafts(bench: Workbench, drafts: Drafts): Promise<void> {
  const kept = drafts.of(bench.id);
  await bench.reading.fetch(kept.map((draft) => draft.record_id).filter((id) => !bench.saver.entry(id)));
  const arrived = (draft: Draft) => bench.saver.entry(draft.record_id)?.text === draft.text; // the last save did get through
  for (const draft of kept) if (arrived(draft)) drafts.forget(draft.record_id);
  const left = kept.filter((draft) => !arrived(draft));
  const box = byId("drafts");
  box.hidden = left.length === 0;
  if (left.length === 0) return;
  const done = (id: string) => {
    box.querySelector(`[data-draft="${CSS.escape(id)}"]`)?.remove();
    if (!box.querySelector("[data-draft]")) box.hidden = true;
  };
  const drop = (id: string) => {
    drafts.forget(id);
    done(id);
  };
  fill(
    box,
    h("p", {}, h("strong", {}, t("draft.found"))),
    ...left.map((draft) =>
      h(
        "p",
        { "data-draft": draft.record_id },
        h("q", { dir: "auto" }, draft.text.slice(0, 140)),
        " ",
        h("button", { type: "button", class: "primary", onclick: () => void takeUp(bench, draft).then(() => done(draft.record_id)) }, t("draft.take")),
        " ",
        h("button", { type: "button", onclick: () => drop(draft.record_id) }, t("draft.drop")),
      ),
    ),
  );
  say(t("draft.found"));
}

async function takeUp(bench: Workbench, { record_id: id, base, text }: Draft): Promise<void> {
  const entry = bench.saver.entry(id);
  if (!entry) {
    await showConflict(bench, id, { base, yours: text, theirs: null, merged: text, overlapping: 0 });
    return;
  }
  bench.goTo(id);
  if (entry.text === base || entry.text === text) {
    bench.saver.edit(id, text);
    bench.shown(id);
    await bench.saver.flush(id);
    return;
  }
  const merged = merge(base, text, entry.text);
  await showConflict(bench, id, { base, yours: text, theirs: entry, merged: merged.text, overlapping: merged.conflicts });
}
