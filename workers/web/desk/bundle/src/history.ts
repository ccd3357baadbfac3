// Every revision of an intervention, by whom, with what it changed, and a way back to it.

import * as api from "./api";
import { dayAndTime } from "./clock";
import { ask } from "./dialogs";
import { marked } from "./conflict";
import { h } from "./dom";
import { restore } from "./journal";
import { t, tSlug } from "./text";
import type { Difference, Revision } from "./types";
import type { Workbench } from "./meeting";

function changedWords(revision: Revision): Difference[] {
  return revision.text.flatMap(({ kind, before, after }): Difference[] => {
    if (kind === "equal") return [{ kind: "same", text: after }];
    const removed: Difference = { kind: "removed", text: before };
    const added: Difference = { kind: "added", text: after };
    return [removed, added].filter((part) => part.text !== "");
  });
}

// Long stretches that stayed the same are folded to their ends.
export function folded(parts: readonly Difference[], around = 60): Difference[] {
  return parts.map((part, index) => {
    if (part.kind !== "same" || part.text.length <= around * 2) return part;
    const head = index === 0 ? "" : part.text.slice(0, around);
    const tail = index === parts.length - 1 ? "" : part.text.slice(-around);
    return { kind: "same", text: `${head} … ${tail}` };
  });
}

export async function openHistory(bench: Workbench, id: string): Promise<void> {
  const { revisions } = await api.history(id);
  const sorted = [...revisions].sort((a, b) => b.revision - a.revision);
  const latest = sorted[0]?.revision;
  let wanted: number | null = null;
  const list = h(
    "ol",
    { class: "history", reversed: true },
    ...sorted.map((revision, index) => {
      const parts = changedWords(revision);
      const first = index === sorted.length - 1;
      const changed = !first && parts.some((part) => part.kind !== "same");
      const what = first ? "" : revision.fields.filter((item) => item !== "words" && item !== "review").map((item) => tSlug("field", item)).join(", ");
      const by = revision.made_by === "machine" ? t("history.machine") : (revision.author_name ?? revision.author ?? "");
      return h(
        "li",
        { value: revision.revision },
        h(
          "p",
          {},
          h("strong", {}, t("history.revision", { number: revision.revision })),
          [` · ${by}`, dayAndTime(revision.at), what, tSlug("state", revision.state)].filter(Boolean).join(" · "),
        ),
        revision.reason ? h("p", { class: "muted" }, t("history.reason", { reason: revision.reason })) : null,
        changed ? marked(folded(parts)) : null,
        revision.revision !== latest && bench.may("review")
          ? h("button", { type: "button", onclick: (event: MouseEvent) => {
              wanted = revision.revision;
              (event.target as HTMLElement).closest("form")?.requestSubmit();
            } }, t("history.restore", { number: revision.revision }))
          : null,
      );
    }),
  );
  const asked = await ask({ title: t("history.title"), about: list, ok: t("dialog.close"), only: true, wide: true });
  if (asked && wanted !== null) await restore(bench, id, wanted);
}
