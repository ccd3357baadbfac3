// Two people wrote the same text, or the machine heard more of it: both are shown, with what they have in common.

import { difference } from "./diff";
import { fill, h } from "./dom";
import { t } from "./text";
import type { Workbench } from "./meeting";
import type { Conflict } from "./saver";
import type { Difference } from "./types";

export function marked(parts: readonly Difference[]): HTMLElement {
  const line = h("p", { class: "difference", dir: "auto" });
  for (const { kind, text } of parts) line.append(kind === "same" ? text : kind === "added" ? h("ins", {}, text) : h("del", {}, text));
  return line;
}

export function showConflict(bench: Workbench, id: string, both: Conflict): Promise<void> {
  return new Promise((resolve) => {
    const before = document.activeElement as HTMLElement | null;
    const area = h("textarea", { id: "merged", rows: 6, dir: "auto" });
    area.value = both.merged;
    const close = () => {
      dialog.close();
      dialog.remove();
      before?.focus();
      resolve();
    };
    const take = async (text: string) => {
      close();
      if (both.theirs) {
        await bench.saver.resolve(id, text, both.theirs);
        bench.shown(id);
      }
    };
    const side = (label: string, text: string) => h("div", { class: "side" }, h("h3", {}, label), marked(difference(both.base, text)));
    const { theirs } = both;
    const dialog = h(
      "dialog",
      { class: "desk-dialog wide-dialog", "aria-labelledby": "conflict-title" },
      h("h2", { id: "conflict-title" }, t(theirs ? "conflict.title" : "conflict.gone")),
      h("p", {}, theirs ? t(both.overlapping ? "conflict.overlap" : "conflict.apart") : t("conflict.gone-about")),
      theirs ? h("div", { class: "sides" }, side(t("conflict.yours"), both.yours), side(t("conflict.theirs"), theirs.text)) : null,
      h("p", { class: "field" }, h("label", { for: "merged" }, t(theirs ? "conflict.merged" : "conflict.yours")), area),
    );
    const buttons = h("p", { class: "dialog-buttons" });
    if (theirs) {
      fill(
        buttons,
        h("button", { type: "button", class: "primary", onclick: () => void take(area.value) }, t("conflict.take-merged")),
        h("button", { type: "button", onclick: () => void take(both.yours) }, t("conflict.take-yours")),
        h("button", { type: "button", onclick: () => void take(theirs.text) }, t("conflict.take-theirs")),
      );
    } else fill(buttons, h("button", { type: "button", onclick: () => close() }, t("dialog.close")));
    dialog.append(buttons);
    dialog.addEventListener("cancel", (event) => {
      if (theirs) event.preventDefault(); // nothing is decided by leaving: the text is kept until it is
      else close();
    });
    document.body.append(dialog);
    dialog.showModal();
    area.focus();
  });
}
