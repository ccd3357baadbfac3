// The search for an entity, or for several, in a field of a question.

import * as api from "./api";
import type { Answers, Field } from "./dialogs";
import { h, say } from "./dom";
import { t } from "./text";
import type { Entity, EntityFound } from "./types";

// A combobox after the ARIA practices: the list opens with the alternatives, arrows choose, Enter takes.
export function entityInput(field: Field, id: string, answers: Answers, date: string): HTMLElement {
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

  const nameOf = (entity: EntityFound) => entity.names?.[field.language ?? "en"] ?? entity.names?.en ?? entity.name;

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
    const entity: Entity = { scheme: found.scheme, code: found.code, name: nameOf(found) };
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
          h("bdi", {}, nameOf(entity)),
          h("span", { class: "muted" }, " ", entity.code, entity.code && note ? " · " : "", h("bdi", {}, note)),
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
      const other = Object.values(entity.names ?? {}).find((name) => name !== nameOf(entity) && name.toLowerCase().includes(q.toLowerCase()));
      return other ?? "";
    };
    const entities = [...(field.also?.(q) ?? []), ...found.entities];
    offer(entities.map((entity) => ({ entity, note: own(entity) })));
    const [best] = entities;
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
  if (field.search) {
    box.value = field.search;
    void search();
  } else offer([...(field.first ?? [])]);
  showTags();
  const hint = field.hint ? h("span", { class: "hint" }, field.hint) : null;
  return h("div", { class: "field" }, h("label", { for: id }, field.label), many ? tags : null, box, hint, list);
}
