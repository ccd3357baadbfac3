// Every revision of an intervention, by whom, with what it changed, and a way back to it.

import * as api from "./api";
import { ask } from "./dialogs";
import { difference } from "./diff";
import { marked } from "./conflict";
import { h } from "./dom";
import { t, tSlug } from "./text";
import type { Difference, Revision } from "./types";
import type { Workbench } from "./meeting";

function author(revision: Revision): string {
  const by = revision.by ?? revision.author ?? null;
  if (revision.machine === true || by === null) return t("history.machine");
  return typeof by === "string" ? by : by.name;
}

function changedWords(revision: Revision, before: Revision | undefined): readonly Difference[] {
  const given = revision.differences ?? revision.difference;
  if (given) return given;
  const text = (item: Revision | undefined) => item?.text ?? item?.record?.text;
  const now = text(revision);
  return now === undefined ? [] : difference(text(before) ?? now, now);
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
      const parts = changedWords(revision, sorted[index + 1]);
      const changed = parts.some((part) => part.kind !== "same");
      const what = (revision.operations ?? (revision.operation ? [revision.operation] : [])).map((item) => tSlug("operation", item)).join(", ");
      const at = revision.at ?? revision.made_at;
      return h(
        "li",
        { value: revision.revision },
        h(
          "p",
          {},
          h("strong", {}, t("history.revision", { number: revision.revision })),
          ` · ${author(revision)}${at ? ` · ${new Date(at).toLocaleString()}` : ""}${what ? ` · ${what}` : ""}${revision.state ? ` · ${tSlug("state", revision.state)}` : ""}`,
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
  const asked = await ask({ title: t("history.title"), about: list, ok: t("dialog.close"), wide: true });
  if (asked && wanted !== null) await bench.structure.restore(id, wanted);
}
