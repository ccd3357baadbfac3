// Questions to the reviewer: one form for all of them, and the search for an entity.

import { entityInput } from "./choosing";
import { h } from "./dom";
import { t } from "./text";
import type { Entity, EntityFound } from "./types";

export interface Field {
  name: string;
  label: string;
  type: "text" | "area" | "select" | "check" | "entity" | "entities";
  value?: string | boolean | Entity | readonly Entity[] | null;
  options?: readonly { value: string; label: string }[];
  first?: readonly { entity: EntityFound; note: string }[]; // offered before anything is searched
  search?: string; // looked for at once
  also?: (q: string) => readonly EntityFound[]; // finds that the server does not know
  language?: string; // in which names are written; English by default
  required?: boolean;
  hint?: string;
}

export type Answers = Record<string, string | boolean | Entity | null | readonly Entity[]>;

export interface Asked {
  title: string;
  about?: Node | string;
  fields?: readonly Field[];
  ok?: string;
  more?: readonly { label: string; value: string }[];
  date?: string;
  wide?: boolean;
  only?: boolean; // there is nothing to cancel
}

// Resolves with the answers and which button was chosen; null where the question was left. Focus returns by itself.
export function ask(asked: Asked): Promise<{ answers: Answers; chosen: string } | null> {
  return new Promise((resolve) => {
    const answers: Answers = {};
    const inputs = (asked.fields ?? []).map((field) => input(field, answers, asked.date ?? ""));
    const fault = h("p", { class: "dialog-fault", role: "alert" });
    const finish = (chosen: string | null) => {
      const missing = (asked.fields ?? []).find((field) => field.required && !answers[field.name]);
      if (chosen !== null && chosen !== "" && missing) {
        fault.textContent = t("dialog.missing", { field: missing.label });
        return;
      }
      dialog.close();
      dialog.remove();
      before?.focus();
      resolve(chosen === null ? null : { answers, chosen });
    };
    const before = document.activeElement as HTMLElement | null;
    const form = h(
      "form",
      {
        novalidate: true,
        onsubmit: (event: SubmitEvent) => {
          event.preventDefault();
          finish("ok");
        },
      },
      h("h2", { id: "dialog-title" }, asked.title),
      asked.about ? h("div", { class: "about-dialog" }, asked.about) : null,
      ...inputs,
      fault,
      h(
        "p",
        { class: "dialog-buttons" },
        h("button", { type: "submit", class: "primary" }, asked.ok ?? t("dialog.ok")),
        ...(asked.more ?? []).map((item) => h("button", { type: "button", onclick: () => finish(item.value) }, item.label)),
        asked.only ? null : h("button", { type: "button", onclick: () => finish(null) }, t("dialog.cancel")),
      ),
    );
    const dialog = h("dialog", { class: asked.wide ? "desk-dialog wide-dialog" : "desk-dialog", "aria-labelledby": "dialog-title" }, form);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      finish(null);
    });
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector("input, textarea, select") as HTMLElement | null)?.focus();
  });
}

let numbers = 0;

function input(field: Field, answers: Answers, date: string): HTMLElement {
  const id = `field-${(numbers += 1)}`;
  const hint = field.hint ? h("span", { class: "hint", id: `${id}-hint` }, field.hint) : null;
  const described = hint ? { "aria-describedby": `${id}-hint` } : {};
  answers[field.name] = (field.value as Answers[string]) ?? (field.type === "check" ? false : field.type === "entities" ? [] : null);
  if (field.type === "entity" || field.type === "entities") return entityInput(field, id, answers, date);
  if (field.type === "check") {
    const box = h("input", { id, type: "checkbox", checked: field.value === true, ...described });
    box.addEventListener("change", () => (answers[field.name] = box.checked));
    return h("p", { class: "field check" }, h("label", { for: id }, box, " ", field.label), hint);
  }
  let control: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
  if (field.type === "select") {
    control = h("select", { id, ...described }, ...(field.options ?? []).map((option) => h("option", { value: option.value }, option.label)));
    control.value = String(field.value ?? "");
  } else if (field.type === "area") {
    control = h("textarea", { id, rows: 4, dir: "auto", ...described });
    control.value = String(field.value ?? "");
  } else {
    control = h("input", { id, type: "text", dir: "auto", autocomplete: "off", ...described });
    control.value = String(field.value ?? "");
  }
  const read = () => (answers[field.name] = control.value.trim() === "" ? null : control.value.trim());
  control.addEventListener("input", read);
  control.addEventListener("change", read);
  return h("p", { class: "field" }, h("label", { for: id }, field.label), control, hint);
}
