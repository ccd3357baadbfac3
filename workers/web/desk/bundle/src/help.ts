// The help sheet, made from the list of commands, with the switch for keys that work alone (WCAG 2.1.4).

import { all, labelKey, shown, type Command } from "./commands";
import { h } from "./dom";
import { t } from "./text";

const SWITCH = "floorlog-single-keys";

export function singleKeys(): boolean {
  return localStorage.getItem(SWITCH) !== "off";
}

function line(command: Command): HTMLElement {
  const keys = (names: readonly string[] | undefined) => (names ?? []).flatMap((key, index) => [index ? " " : "", h("kbd", {}, shown(key))]);
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, t(labelKey(command))),
    h("td", {}, ...keys(command.keys)),
    h("td", {}, ...keys(command.always)),
  );
}

export function openHelp(): void {
  const before = document.activeElement as HTMLElement | null;
  const groups = [...new Set(all.map((command) => command.group))];
  const box = h("input", { type: "checkbox", id: "single-keys", checked: singleKeys() });
  box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  const close = () => {
    dialog.close();
    dialog.remove();
    before?.focus();
  };
  const dialog = h(
    "dialog",
    { class: "desk-dialog wide-dialog help-sheet", "aria-labelledby": "help-title" },
    h("h2", { id: "help-title" }, t("help.title")),
    h("p", {}, h("label", {}, box, " ", t("help.single-keys"))),
    h(
      "div",
      { class: "help-groups", tabindex: "0", role: "region", "aria-label": t("help.title") },
      ...groups.map((group) =>
        h(
          "table",
          {},
          h("caption", {}, t(`group.${group}`)),
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("help.does")), h("th", { scope: "col" }, t("help.alone")), h("th", { scope: "col" }, t("help.always")))),
          h("tbody", {}, ...all.filter((command) => command.group === group).map(line)),
        ),
      ),
    ),
    h("p", { class: "hint" }, t("help.text")),
    h("p", { class: "dialog-buttons" }, h("button", { type: "button", class: "primary", onclick: close }, t("dialog.close"))),
  );
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  document.body.append(dialog);
  dialog.showModal();
  (dialog.querySelector(".primary") as HTMLElement).focus();
}
