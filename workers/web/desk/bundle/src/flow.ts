// The way of a record to its readers: claimed, approved, published, withdrawn; one, or all that can be.

import * as api from "./api";
import { clock } from "./clock";
import { ready } from "./correcting";
import { ask } from "./dialogs";
import { h, tell } from "./dom";
import type { Workbench } from "./meeting";
import { t, tSlug } from "./text";
import type { Row } from "./types";

const SHOWN = 50; // of those that are left out

export async function claim(bench: Workbench): Promise<void> {
  const { selected, row, session } = bench;
  if (!selected || !row) return;
  if (row.claimed_by?.id === session.person.id) await api.release(selected);
  else {
    try {
      await api.claim(selected);
    } catch (fault) {
      if (!(fault instanceof api.Refused && fault.status === 409)) throw fault;
      const holder = fault.body.claimed_by as { name?: string } | undefined;
      tell(t("row.claimed", { name: holder?.name ?? "" }), "fault");
    }
  }
  await bench.reading.refresh();
}

export async function approve(bench: Workbench): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  bench.reading.took(await api.approve(bench.id, [entry.id]));
  tell(t("approve.done"));
}

export async function publish(bench: Workbench): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  bench.reading.took(await api.state(entry.id, entry.revision, "published", null));
  tell(tSlug("state", "published"));
}

export async function withdraw(bench: Workbench): Promise<void> {
  const { entry } = (await ready(bench)) ?? {};
  if (!entry) return;
  const asked = await ask({
    title: t("withdraw.title"),
    about: t("withdraw.about"),
    ok: t("command.withdraw"),
    fields: [{ name: "reason", label: t("reason.label"), type: "area", required: true }],
  });
  if (!asked) return;
  bench.reading.took(await api.state(entry.id, entry.revision, "withdrawn", String(asked.answers.reason)));
  tell(tSlug("state", "withdrawn"));
}

export interface Sorted {
  taken: Row[];
  done: number; // they are that far already, or further
  left: Row[]; // they cannot be taken
}

// What approving or publishing a meeting would take, and what it would leave out.
export function sorted(rows: readonly Row[], what: "approve" | "publish"): Sorted {
  const from = what === "approve" ? ["machine", "in_review"] : ["approved"];
  const done = what === "approve" ? ["approved", "published", "corrected"] : ["published", "corrected"];
  return {
    taken: rows.filter((row) => from.includes(row.state)),
    done: rows.filter((row) => done.includes(row.state)).length,
    left: rows.filter((row) => !from.includes(row.state) && !done.includes(row.state)),
  };
}

export const approveAll = (bench: Workbench) => all(bench, "approve");
export const publishAll = (bench: Workbench) => all(bench, "publish");

async function all(bench: Workbench, what: "approve" | "publish"): Promise<void> {
  if (!(await bench.saver.flushAll())) {
    tell(t("fault.save-first"), "fault");
    return;
  }
  await bench.reading.refresh();
  const { taken, done, left } = sorted(bench.meeting.rows, what);
  if (taken.length === 0) {
    tell(t(`${what}-all.nothing`));
    return;
  }
  const unsure = taken.filter((row) => row.entity === null || row.conflicts || row.machine_waits);
  const about = h(
    "div",
    {},
    h("p", {}, t(`${what}-all.about`)),
    done ? h("p", { class: "muted" }, t(`${what}-all.already`, { count: done })) : null,
    unsure.length ? h("p", { class: "warned" }, t(`${what}-all.unsure`, { count: unsure.length })) : null,
    unsure.length ? rowsOf(unsure) : null,
    left.length ? h("p", {}, t("all.left-out", { count: left.length })) : null,
    left.length ? rowsOf(left) : null,
  );
  const sure = await ask({ title: t(`${what}-all.title`, { count: taken.length }), about, ok: t(`${what}-all.ok`, { count: taken.length }) });
  if (!sure) return;
  // Those that were counted, not whatever there is by now.
  const changed = await api[what](bench.id, taken.map((row) => row.record_id));
  bench.reading.took(changed);
  tell(t(`${what}-all.done`, { count: changed.records.length }));
}

function rowsOf(rows: readonly Row[]): HTMLElement {
  const line = (row: Row) => h("li", {}, `${clock(row.start_ms)} · `, h("bdi", {}, row.heading ?? t("heading.nobody")), ` · ${tSlug("state", row.state)}`);
  const more = rows.length > SHOWN ? [h("li", {}, t("all.more", { count: rows.length - SHOWN }))] : [];
  return h("ul", { class: "rows-named", tabindex: "0" }, ...rows.slice(0, SHOWN).map(line), ...more);
}
