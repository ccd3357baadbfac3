// Questions to the reviewer: one form for all of them, and the search for an entity.

import * as api from "./api";
import { h, say } from "./dom";
import { t } from "./text";
import type { Entity, EntityFound } from "./types";

export interface Field {
  name: string;
  label: string;
  type: "text" | "area" | "select" | "check" | "entity" | "entities";
  value?: string | boolean | Entity | readonly Entity[] | null;
  options?: readonly { value: string; label: string }[];
  first?: readonly { entity: EntityFound; note: string }[]; // offered before anything is searched
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
        h("button", { type: "button", onclick: () => finish(null) }, t("dialog.cancel")),
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

// A combobox after the ARIA practices: the list opens with the alternatives, arrows choose, Enter takes.
function entityInput(field: Field, id: string, answers: Answers, date: string): HTMLElement {
  const many = field.type === "entities";
  const chosen: Entity[] = many ? [...((field.value as readonly Entity[]) ?? [])] : [];
  const box = h("input", {
    id,
    type: "text",
    role: "combobox",
    dir: "auto",
    autocomplete: "off",
    "aria-expanded": "true",
    "aria-controls": `${id}-list`,
    "aria-autocomplete": "list",
  });
  const list = h("ul", { id: `${id}-list`, role: "listbox", class: "choices", "aria-label": field.label });
  const tags = h("p", { class: "tags-chosen" });
  let offered: { entity: EntityFound; note: string }[] = [];
  let active = -1;
  let asked = 0;
  let answered = 0;
  let hurried = -1; // Enter was pressed before this search was answered: its first find is meant
  if (!many && field.value) box.value = (field.value as Entity).name;

  const showTags = () =>
    tags.replaceChildren(
      ...chosen.map((entity) =>
        h(
          "button",
          {
            type: "button",
            "aria-label": t("entity.remove", { name: entity.name }),
            onclick: () => {
              chosen.splice(chosen.indexOf(entity), 1);
              answers[field.name] = [...chosen];
              showTags();
            },
          },
          h("bdi", {}, entity.name),
          " ×",
        ),
      ),
    );
  const take = (found: EntityFound) => {
    const entity: Entity = { scheme: found.scheme, code: found.code, name: found.names?.en ?? found.name };
    if (many) {
      if (!chosen.some((item) => item.code === entity.code)) chosen.push(entity);
      answers[field.name] = [...chosen];
      box.value = "";
      showTags();
    } else {
      answers[field.name] = entity;
      box.value = entity.name;
    }
    say(t("entity.taken", { name: entity.name }));
    offer(many ? [] : [{ entity: found, note: "" }]);
  };
  const mark = (index: number) => {
    active = index;
    [...list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === index)));
    const node = list.children[index];
    if (node) {
      box.setAttribute("aria-activedescendant", node.id);
      node.scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  };
  const offer = (items: { entity: EntityFound; note: string }[]) => {
    offered = items;
    list.replaceChildren(
      ...items.map(({ entity, note }, index) =>
        h(
          "li",
          { id: `${id}-${index}`, role: "option", "aria-selected": "false", onmousedown: (event: MouseEvent) => event.preventDefault(), onclick: () => take(entity) },
          h("bdi", {}, entity.name),
          h("span", { class: "muted" }, ` ${entity.code}${note ? ` · ${note}` : ""}`),
        ),
      ),
    );
    list.hidden = items.length === 0;
    box.setAttribute("aria-expanded", String(items.length > 0));
    mark(-1);
  };
  const search = async () => {
    const number = (asked += 1);
    const q = box.value.trim();
    if (q === "") {
      offer([...(field.first ?? [])]);
      return;
    }
    const found = await api.entities(q, date).catch(() => ({ entities: [] }));
    if (number !== asked) return; // an older answer, overtaken
    answered = number;
    const own = (entity: EntityFound) => {
      const other = Object.entries(entity.names ?? {}).find(([tag, name]) => tag !== "en" && name.toLowerCase().includes(q.toLowerCase()));
      return other ? other[1] : "";
    };
    offer(found.entities.map((entity) => ({ entity: { ...entity, name: entity.names?.en ?? entity.name }, note: own(entity) })));
    const [best] = found.entities;
    if (best && hurried === number) take(best);
    else if (best) mark(0);
    else say(t("entity.none"));
  };
  box.addEventListener("input", () => {
    if (!many) answers[field.name] = null;
    void search();
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (offered.length) mark((Math.max(active, step < 0 ? 0 : -1) + step + offered.length) % offered.length);
    } else if (event.key === "Enter" && box.value.trim() !== "" && (many || answers[field.name] === null)) {
      event.preventDefault(); // once something is taken, Enter sends the form
      const item = offered[active];
      if (item && answered === asked) take(item.entity);
      else hurried = asked;
    } else if (event.key === "Enter" && active >= 0 && box.value.trim() === "") {
      event.preventDefault();
      const item = offered[active];
      if (item) take(item.entity);
    }
  });
  offer([...(field.first ?? [])]);
  showTags();
  const hint = field.hint ? h("span", { class: "hint" }, field.hint) : null;
  return h("div", { class: "field" }, h("label", { for: id }, field.label), many ? tags : null, box, hint, list);
}
