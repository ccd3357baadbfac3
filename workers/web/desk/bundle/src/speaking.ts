// Who spoke: the delegation, everywhere the same voice speaks, the person, and for whom else.

import * as api from "./api";
import { clock } from "./clock";
import { ready, send, type Part } from "./correcting";
import { ask } from "./dialogs";
import { h, tell } from "./dom";
import type { Workbench } from "./meeting";
import { correctable } from "./row";
import { t } from "./text";
import type { Entity, EntityFound, Entry, Speaker } from "./types";

function speakerOf(entry: Entry, entity: Entity | null): Speaker | null {
  if (!entity) return null;
  const same = entry.speaker?.entity.code === entity.code;
  return {
    entity: { scheme: entity.scheme, code: entity.code, name: entity.name },
    name_as_said: entry.speaker?.name_as_said ?? null,
    role: same ? (entry.speaker?.role ?? null) : null,
    capacity: same ? (entry.speaker?.capacity ?? null) : null,
    person: same ? (entry.speaker?.person ?? null) : null,
  };
}

async function found(bench: Workbench, code: string): Promise<EntityFound | null> {
  const { entities } = await api.entities(code, bench.meeting.meeting.date);
  return entities.find((item) => item.code === code) ?? null;
}

async function give(bench: Workbench, entry: Entry, entity: Entity | null, resolves?: readonly string[]): Promise<boolean> {
  const part: Part = { operation: "speaker", before: { speaker: entry.speaker }, after: { speaker: speakerOf(entry, entity) } };
  return (await send(bench, entry, resolves ? { ...part, resolves } : part)) !== null;
}

export async function speaker(bench: Workbench, resolves?: readonly string[]): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const offered = await Promise.all(
    entry.attribution.alternatives.slice(0, 6).map(async (item) => ({ entity: await found(bench, item.entity), note: `${Math.round(item.confidence * 100)}%` })),
  );
  const first = offered.filter((item): item is { entity: EntityFound; note: string } => item.entity !== null);
  const asked = await ask({
    title: t("speaker.title"),
    date: bench.meeting.meeting.date,
    fields: [
      { name: "entity", label: t("speaker.entity"), type: "entity", first, hint: t("speaker.hint") },
      { name: "everywhere", label: t("speaker.everywhere"), type: "check" },
    ],
    more: [{ label: t("speaker.nobody"), value: "nobody" }],
  });
  if (!asked) return;
  const entity = asked.chosen === "nobody" ? null : (asked.answers.entity as Entity | null);
  if (!entity && asked.chosen !== "nobody") {
    tell(t("speaker.none-chosen"), "fault");
    return;
  }
  if (!(await give(bench, entry, entity, resolves))) return;
  if (asked.answers.everywhere === true && entity) await everywhere(bench, entry.id, entity);
}

// An alternative was chosen in the panel.
export async function giveTo(bench: Workbench, code: string): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  const entity = await found(bench, code);
  if (entry && entity) await give(bench, entry, { scheme: entity.scheme, code: entity.code, name: entity.names?.en ?? entity.name });
}

async function everywhere(bench: Workbench, id: string, entity: Entity): Promise<void> {
  const { records } = await api.voice(id);
  const others = records.filter(({ record_id }) => {
    const row = bench.list.row(record_id);
    return record_id !== id && row && correctable(row.state) && (typeof row.entity === "string" ? row.entity : row.entity?.code) !== entity.code;
  });
  if (others.length === 0) {
    tell(t("voice.nowhere"));
    return;
  }
  const lines = others.map(({ record_id, similarity }) => {
    const row = bench.list.row(record_id);
    const play = h("button", { type: "button", class: "moment", "aria-label": t("row.play", { time: clock(row?.start_ms ?? 0) }), onclick: () => row && bench.player.go(row.start_ms, { untilMs: row.end_ms }) }, clock(row?.start_ms ?? 0));
    return h("li", {}, play, " ", h("bdi", {}, row?.heading ?? t("heading.nobody")), h("span", { class: "muted" }, ` ${t("voice.alike", { percent: Math.round(similarity * 100) })}`));
  });
  const sure = await ask({ title: t("voice.title", { count: others.length, name: entity.name }), about: h("ul", { class: "voices" }, ...lines), ok: t("voice.ok") });
  if (!sure) return;
  await bench.reading.fetch(others.map((item) => item.record_id));
  let done = 0;
  for (const { record_id } of others) {
    const entry = bench.saver.entry(record_id);
    if (entry && (await bench.saver.flush(record_id)) && (await give(bench, bench.saver.entry(record_id) ?? entry, entity))) done += 1;
  }
  tell(t("voice.done", { count: done }));
}

// The name as the record has it, and, apart from it, that somebody has confirmed it.
export async function person(bench: Workbench, resolves?: readonly string[]): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const { speaker: before } = entry;
  if (!before) {
    tell(t("person.no-speaker"), "fault");
    return;
  }
  const confirmedBefore = entry.review.person_confirmed === true;
  const asked = await ask({
    title: t("person.title"),
    ...(before.name_as_said ? { about: t("panel.as-said", { name: before.name_as_said }) } : {}),
    fields: [
      { name: "person", label: t("person.name"), type: "text", value: before.person, hint: t("person.hint") },
      { name: "capacity", label: t("person.capacity"), type: "text", value: before.capacity },
      { name: "confirmed", label: t("person.confirm"), type: "check", value: confirmedBefore },
    ],
  });
  if (!asked) return;
  const name = asked.answers.person as string | null;
  const capacity = asked.answers.capacity as string | null;
  const confirmed = asked.answers.confirmed === true && name !== null;
  const parts: Part[] = [];
  const unconfirmed = confirmedBefore && !confirmed && name === before.person; // only setting the name again takes it back
  if (unconfirmed && name) parts.push({ operation: "person", before: { person: name }, after: { person: null } });
  if (name !== before.person || capacity !== before.capacity || unconfirmed || resolves)
    parts.push({ operation: "speaker", before: { speaker: before }, after: { speaker: { ...before, person: name, capacity } }, ...(resolves ? { resolves } : {}) });
  if (confirmed && (parts.length || !confirmedBefore)) parts.push({ operation: "person", before: { person: name }, after: { person: name } });
  if (parts.length) await send(bench, entry, ...parts);
}

export async function behalf(bench: Workbench, resolves?: readonly string[]): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const asked = await ask({
    title: t("behalf.title"),
    date: bench.meeting.meeting.date,
    fields: [
      { name: "on_behalf_of", label: t("behalf.label"), type: "entities", value: entry.on_behalf_of },
      { name: "aligned_with", label: t("behalf.aligned"), type: "entities", value: entry.aligned_with },
    ],
  });
  if (!asked) return;
  const codes = (entities: readonly Entity[]) => entities.map((item) => item.code).join();
  const parts: Part[] = [];
  for (const name of ["on_behalf_of", "aligned_with"] as const) {
    const after = asked.answers[name] as readonly Entity[];
    const decided = entry.conflicts?.some((item) => item.field === name && resolves?.includes(item.id)) ?? false;
    if (codes(after) !== codes(entry[name]) || decided)
      parts.push({ operation: name, before: { [name]: entry[name] }, after: { [name]: after }, ...(decided && resolves ? { resolves } : {}) });
  }
  if (parts.length) await send(bench, entry, ...parts);
}
