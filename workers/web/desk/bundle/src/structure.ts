// What changes an intervention besides its text: who spoke, for whom, of what kind, from when to when, and its state.

import * as api from "./api";
import { fineClock, parseClock, clock } from "./clock";
import { ask } from "./dialogs";
import { h, tell } from "./dom";
import { correctable } from "./row";
import { t, tSlug } from "./text";
import type { Changed, Correction, Entity, EntityFound, Entry, MachineConflict, Row, Speaker } from "./types";
import type { Workbench } from "./meeting";

const KINDS = ["statement", "chair", "procedural", "right_of_reply", "point_of_order", "briefing", "explanation_of_vote", "video_statement", "suspension", "vote", "minute_of_silence", "unassigned"];
const LANGUAGES = ["en", "fr", "es", "ar", "zh", "ru", "pt", "de", "it", "ja", "ko", "hi", "fa", "tr"];

export class Structure {
  #bench: Workbench;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  // The selected record with its text saved, or a reason why nothing can be done with it now.
  async #ready(): Promise<{ entry: Entry; row: Row } | null> {
    const { selected, saver } = this.#bench;
    if (!selected) return null;
    if (!saver.entry(selected)) await this.#bench.fetch([selected]); // a key that was pressed before the text arrived
    if (!(await saver.flush(selected))) {
      if (saver.status(selected) === "reason" && (await this.askReason(selected))) return this.#ready();
      tell(t("fault.save-first"), "fault");
      return null;
    }
    const entry = saver.entry(selected);
    const row = this.#bench.list.row(selected);
    if (!entry || !row) return null;
    if (!correctable(entry.review.state)) {
      tell(t("fault.still-heard"), "fault");
      return null;
    }
    return { entry, row };
  }

  // A correction of what is published needs a reason: asked once a record.
  async #reason(entry: Entry): Promise<string | null | undefined> {
    if (entry.review.state !== "published" && entry.review.state !== "corrected") return null;
    const known = this.#bench.saver.reason(entry.id);
    if (known) return known;
    const found = await ask({ title: t("reason.title"), about: t("reason.about"), fields: [{ name: "reason", label: t("reason.label"), type: "area", required: true }] });
    if (!found) return undefined;
    const reason = String(found.answers.reason);
    this.#bench.saver.setReason(entry.id, reason);
    return reason;
  }

  async askReason(id: string): Promise<boolean> {
    const entry = this.#bench.saver.entry(id);
    if (!entry) return false;
    const reason = await this.#reason(entry);
    if (!reason) return false;
    await this.#bench.saver.because(id, reason);
    return this.#bench.saver.status(id) === "clean";
  }

  async #send(entry: Entry, ...parts: { operation: string; before: object | null; after: object | null }[]): Promise<Changed | null> {
    const reason = await this.#reason(entry);
    if (reason === undefined) return null;
    const corrections: Correction[] = parts.map(({ operation, before, after }) => api.correction(operation, before, after, reason));
    const changed = await api.correct(entry.id, entry.revision, corrections);
    this.#bench.took(changed);
    return changed;
  }

  #speakerOf(entry: Entry, entity: Entity | null): Speaker | null {
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

  async #found(code: string): Promise<EntityFound | null> {
    const { entities } = await api.entities(code, this.#bench.meeting.meeting.date);
    return entities.find((item) => item.code === code) ?? null;
  }

  async speaker(): Promise<void> {
    const ready = await this.#ready();
    if (!ready) return;
    const { entry } = ready;
    const offered = await Promise.all(
      entry.attribution.alternatives.slice(0, 6).map(async (item) => ({ entity: await this.#found(item.entity), note: `${Math.round(item.confidence * 100)}%` })),
    );
    const first = offered.filter((item): item is { entity: EntityFound; note: string } => item.entity !== null);
    const asked = await ask({
      title: t("speaker.title"),
      date: this.#bench.meeting.meeting.date,
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
    await this.#give(entry, entity);
    if (asked.answers.everywhere === true && entity) await this.#everywhere(entry.id, entity);
  }

  // An alternative was chosen in the panel.
  async giveTo(code: string): Promise<void> {
    try {
      const ready = await this.#ready();
      const entity = await this.#found(code);
      if (ready && entity) await this.#give(ready.entry, { scheme: entity.scheme, code: entity.code, name: entity.names?.en ?? entity.name });
    } catch (fault) {
      this.#bench.fault(fault);
    }
  }

  async #give(entry: Entry, entity: Entity | null): Promise<void> {
    await this.#send(entry, { operation: "speaker", before: { speaker: entry.speaker }, after: { speaker: this.#speakerOf(entry, entity) } });
  }

  async #everywhere(id: string, entity: Entity): Promise<void> {
    const bench = this.#bench;
    const { records } = await api.voice(id);
    const others = records.filter((item) => item.record_id !== id && bench.list.row(item.record_id));
    if (others.length === 0) {
      tell(t("voice.nowhere"));
      return;
    }
    const list = h("ul", {}, ...others.map((item) => {
      const row = bench.list.row(item.record_id);
      return h("li", {}, `${clock(row?.start_ms ?? 0)} · ${row?.heading ?? ""} · ${Math.round(item.similarity * 100)}%`);
    }));
    const sure = await ask({ title: t("voice.title", { count: others.length, name: entity.name }), about: list, ok: t("voice.ok") });
    if (!sure) return;
    await bench.fetch(others.map((item) => item.record_id));
    let done = 0;
    for (const { record_id } of others) {
      const entry = bench.saver.entry(record_id);
      if (!entry || !correctable(entry.review.state) || entry.speaker?.entity.code === entity.code) continue;
      await this.#give(entry, entity);
      done += 1;
    }
    tell(t("voice.done", { count: done }));
  }

  async person(): Promise<void> {
    const ready = await this.#ready();
    if (!ready) return;
    const { entry } = ready;
    const { speaker } = entry;
    if (!speaker) {
      tell(t("person.no-speaker"), "fault");
      return;
    }
    const asked = await ask({
      title: t("person.title"),
      ...(speaker.name_as_said ? { about: t("panel.as-said", { name: speaker.name_as_said }) } : {}),
      fields: [
        { name: "person", label: t("person.name"), type: "text", value: speaker.person, hint: t("person.hint") },
        { name: "capacity", label: t("person.capacity"), type: "text", value: speaker.capacity },
        { name: "confirmed", label: t("person.confirm"), type: "check", value: entry.review.person_confirmed === true },
      ],
    });
    if (!asked) return;
    const person = asked.answers.person as string | null;
    const capacity = asked.answers.capacity as string | null;
    const after: Speaker = { ...speaker, person, capacity };
    const parts: { operation: string; before: object | null; after: object | null }[] = [];
    if (person !== speaker.person || capacity !== speaker.capacity) parts.push({ operation: "speaker", before: { speaker }, after: { speaker: after } });
    if (asked.answers.confirmed === true && person && (parts.length || !entry.review.person_confirmed)) parts.push({ operation: "person", before: { person }, after: { person } });
    if (parts.length) await this.#send(entry, ...parts);
  }

  async behalf(): Promise<void> {
    const ready = await this.#ready();
    if (!ready) return;
    const { entry } = ready;
    const asked = await ask({
      title: t("behalf.title"),
      date: this.#bench.meeting.meeting.date,
      fields: [
        { name: "behalf", label: t("behalf.label"), type: "entities", value: entry.on_behalf_of },
        { name: "aligned", label: t("behalf.aligned"), type: "entities", value: entry.aligned_with },
      ],
    });
    if (!asked) return;
    const codes = (entities: readonly Entity[]) => entities.map((item) => item.code).join();
    const behalf = asked.answers.behalf as readonly Entity[];
    const aligned = asked.answers.aligned as readonly Entity[];
    const parts: { operation: string; before: object; after: object }[] = [];
    if (codes(behalf) !== codes(entry.on_behalf_of)) parts.push({ operation: "on_behalf_of", before: { on_behalf_of: entry.on_behalf_of }, after: { on_behalf_of: behalf } });
    if (codes(aligned) !== codes(entry.aligned_with)) parts.push({ operation: "aligned_with", before: { aligned_with: entry.aligned_with }, after: { aligned_with: aligned } });
    if (parts.length) await this.#send(entry, ...parts);
  }

  async kind(): Promise<void> {
    const ready = await this.#ready();
    if (!ready) return;
    const { entry } = ready;
    const asked = await ask({
      title: t("kind.title"),
      fields: [{ name: "kind", label: t("kind.label"), type: "select", value: entry.kind, options: KINDS.map((value) => ({ value, label: tSlug("kind", value) })) }],
    });
    if (asked && asked.answers.kind !== entry.kind) await this.#send(entry, { operation: "kind", before: { kind: entry.kind }, after: { kind: asked.answers.kind } });
  }

  async language(): Promise<void> {
    const ready = await this.#ready();
    if (!ready) return;
    const { entry } = ready;
    const tags = [...new Set([...LANGUAGES, ...[entry.language_spoken, entry.language_text].flatMap((tag) => tag ?? [])])];
    const options = [{ value: "", label: t("language.unknown") }, ...tags.map((value) => ({ value, label: tSlug("language", value) }))];
    const asked = await ask({
      title: t("language.title"),
      fields: [
        { name: "spoken", label: t("language.spoken"), type: "select", value: entry.language_spoken ?? "", options },
        { name: "text", label: t("language.text"), type: "select", value: entry.language_text ?? "", options },
        { name: "interpretation", label: t("language.interpretation"), type: "check", value: entry.interpretation },
      ],
    });
    if (!asked) return;
    const { spoken, text, interpretation } = asked.answers;
    const before = { language_spoken: entry.language_spoken, language_text: entry.language_text, interpretation: entry.interpretation };
    const after = { language_spoken: spoken || null, language_text: text || null, interpretation: interpretation === true };
    if (JSON.stringify(before) !== JSON.stringify(after)) await this.#send(entry, { operation: "language", before, after });
  }

  async boundary(edge: "start" | "end", toMs: number): Promise<void> {
    try {
      const ready = await this.#ready();
      if (!ready) return;
      const { entry } = ready;
      const before = entry.spans.map(({ start_ms, end_ms }) => ({ start_ms, end_ms }));
      const after = before.map((span) => ({ ...span }));
      const span = edge === "start" ? after[0] : after.at(-1);
      if (!span) return;
      if (edge === "start") span.start_ms = Math.round(toMs);
      else span.end_ms = Math.round(toMs);
      if (span.start_ms >= span.end_ms) {
        tell(t("span.backwards"), "fault");
        return;
      }
      if (await this.#send(entry, { operation: "span", before: { spans: before }, after: { spans: after } })) tell(t(`span.${edge}`, { time: fineClock(toMs) }));
    } catch (fault) {
      this.#bench.fault(fault);
    }
  }

  async split(): Promise<void> {
    const editor = this.#bench.view?.editor;
    const at = editor?.cursor ?? 0;
    const ready = await this.#ready();
    if (!ready || !editor) return;
    const { entry } = ready;
    const word = editor.wordFrom(at)?.word;
    if (!word || word === entry.words[0]) {
      tell(t("split.nowhere"), "fault");
      return;
    }
    const changed = await this.#send(entry, { operation: "split", before: { records: [entry.id] }, after: { at_ms: word.start_ms } });
    if (!changed) return;
    await this.#bench.refresh();
    const second = changed.records.filter((item) => (item.spans[0]?.start_ms ?? 0) >= word.start_ms).sort((a, b) => (a.spans[0]?.start_ms ?? 0) - (b.spans[0]?.start_ms ?? 0))[0];
    if (second) this.#bench.goTo(second.id);
    tell(t("split.done"));
  }

  async merge(): Promise<void> {
    const ready = await this.#ready();
    if (!ready) return;
    const { entry } = ready;
    const { list } = this.#bench;
    const next = list.rows[list.index(entry.id) + 1];
    if (!next || !correctable(next.state)) {
      tell(t("merge.nothing"), "fault");
      return;
    }
    if (!(await this.#bench.saver.flush(next.record_id))) return;
    const changed = await this.#send(entry, { operation: "merge", before: { records: [entry.id, next.record_id] }, after: null });
    if (!changed) return;
    await this.#bench.refresh();
    const whole = changed.records.find((item) => !changed.retired.includes(item.id));
    if (whole) this.#bench.goTo(whole.id);
    tell(t("merge.done"));
  }

  // Add what the machine missed: from the playhead on.
  async insert(): Promise<void> {
    const { player, meeting } = this.#bench;
    const at = player.positionMs;
    const asked = await ask({
      title: t("insert.title"),
      date: meeting.meeting.date,
      fields: [
        { name: "from", label: t("insert.from"), type: "text", value: fineClock(at), required: true },
        { name: "until", label: t("insert.until"), type: "text", value: fineClock(at + 5000), required: true },
        { name: "kind", label: t("kind.label"), type: "select", value: "statement", options: KINDS.map((value) => ({ value, label: tSlug("kind", value) })) },
        { name: "entity", label: t("speaker.entity"), type: "entity" },
        { name: "text", label: t("insert.text"), type: "area" },
      ],
    });
    if (!asked) return;
    const from = parseClock(String(asked.answers.from));
    const until = parseClock(String(asked.answers.until));
    if (from === null || until === null || from >= until) {
      tell(t("span.backwards"), "fault");
      return;
    }
    const entity = asked.answers.entity as Entity | null;
    const channel = meeting.channels.find((item) => !item.interpretation)?.name ?? "floor";
    const after = {
      channel,
      kind: asked.answers.kind,
      spans: [{ start_ms: from, end_ms: until }],
      speaker: entity ? { entity, name_as_said: null, role: null, capacity: null, person: null } : null,
      text: (asked.answers.text as string | null) ?? "",
    };
    const changed = await api.insert(meeting.meeting.id, api.correction("insert", null, after));
    this.#bench.took(changed);
    await this.#bench.refresh();
    const added = changed.records[0];
    if (added) this.#bench.goTo(added.id);
  }

  async offRecord(): Promise<void> {
    const ready = await this.#ready();
    if (!ready) return;
    const { entry } = ready;
    const off = (entry.review.off_record ?? []).length > 0;
    const sure = await ask({ title: t(off ? "off-record.back" : "off-record.title"), about: t("off-record.about"), ok: t("dialog.ok") });
    if (sure) await this.#send(entry, { operation: "off_record", before: { off_record: off }, after: { off_record: !off } });
  }

  async note(): Promise<void> {
    const ready = await this.#ready();
    if (!ready) return;
    const { entry } = ready;
    const note = entry.review.note ?? "";
    const asked = await ask({ title: t("note.title"), fields: [{ name: "note", label: t("note.label"), type: "area", value: note }] });
    if (!asked) return;
    const text = (asked.answers.note as string | null) ?? "";
    if (text !== note) await this.#send(entry, { operation: "note", before: note ? { note } : null, after: text ? { note: text } : null });
  }

  // ---- the machine's conflicts

  async settle(conflict: MachineConflict, take: "yours" | "machine"): Promise<void> {
    try {
      const ready = await this.#ready();
      if (!ready) return;
      if (!conflict.kept) {
        const reason = await this.#reason(ready.entry);
        if (reason !== undefined) this.#bench.took(await api.takeMachine(ready.entry.id, ready.entry.revision, reason));
        return;
      }
      const value = conflict[take];
      const operation = conflict.field;
      const wrapped = (content: unknown) => (content !== null && typeof content === "object" && !Array.isArray(content) && operation in content ? content : { [operation]: content });
      await this.#send(ready.entry, { operation, before: wrapped(conflict.yours), after: wrapped(value) });
    } catch (fault) {
      this.#bench.fault(fault);
    }
  }

  // ---- journal

  async undo(): Promise<void> {
    const bench = this.#bench;
    if (bench.view?.editor?.focused && bench.view.editor.undo()) return;
    if (!(await bench.saver.flushAll())) return;
    const changed = await api.undo(bench.id);
    this.#journal(changed, "undo");
  }

  async redo(): Promise<void> {
    const bench = this.#bench;
    if (bench.view?.editor?.focused && bench.view.editor.redo()) return;
    if (!(await bench.saver.flushAll())) return;
    const changed = await api.redo(bench.id);
    this.#journal(changed, "redo");
  }

  #journal(changed: Changed, what: "undo" | "redo"): void {
    if (changed.records.length === 0 && changed.retired.length === 0) {
      tell(t(`${what}.nothing`));
      return;
    }
    this.#bench.took(changed);
    tell(t(`${what}.done`, { count: changed.records.length }));
  }

  async find(): Promise<void> {
    const bench = this.#bench;
    const selection = String(getSelection() ?? "").trim();
    const asked = await ask({
      title: t("find.title"),
      fields: [
        { name: "find", label: t("find.find"), type: "text", value: selection.length < 80 ? selection : "", required: true },
        { name: "replace", label: t("find.replace"), type: "text" },
        { name: "case", label: t("find.case"), type: "check" },
        { name: "words", label: t("find.words"), type: "check", value: true },
      ],
      ok: t("find.next"),
      more: bench.may("review") ? [{ label: t("find.all"), value: "all" }] : [],
    });
    if (!asked) return;
    const find = String(asked.answers.find ?? "");
    if (!find) return;
    if (asked.chosen === "all") {
      if (!(await bench.saver.flushAll())) return;
      const changed = await api.replace(bench.id, {
        find,
        replace: String(asked.answers.replace ?? ""),
        match_case: asked.answers.case === true,
        whole_words: asked.answers.words === true,
      });
      bench.took(changed);
      tell(t("find.replaced", { count: changed.records.length }));
      return;
    }
    await this.#findNext(find, asked.answers.case === true, asked.answers.words === true);
  }

  async #findNext(find: string, matchCase: boolean, wholeWords: boolean): Promise<void> {
    const bench = this.#bench;
    const { rows } = bench.list;
    const escaped = find.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const pattern = new RegExp(wholeWords ? `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])` : escaped, matchCase ? "u" : "iu");
    const here = bench.selected ? bench.list.index(bench.selected) : -1;
    const order = [...rows.slice(here + 1), ...rows.slice(0, here + 1)];
    for (let at = 0; at < order.length; at += 50) {
      const part = order.slice(at, at + 50);
      const missing = part.filter((row) => !bench.saver.entry(row.record_id)).map((row) => row.record_id);
      if (missing.length) await bench.fetch(missing);
      const hit = part.find((row) => pattern.test(bench.saver.text(row.record_id) ?? ""));
      if (!hit) continue;
      bench.goTo(hit.record_id);
      const found = pattern.exec(bench.saver.text(hit.record_id) ?? "");
      if (found) bench.view?.editor?.select(found.index, found.index + found[0].length);
      return;
    }
    tell(t("find.nothing", { find }));
  }

  async restore(id: string, revision: number): Promise<void> {
    const ready = await this.#ready();
    if (!ready || ready.entry.id !== id) return;
    if (await this.#send(ready.entry, { operation: "restore", before: { revision: ready.entry.revision }, after: { revision } })) tell(t("history.restored", { number: revision }));
  }

  // ---- flow

  async claim(): Promise<void> {
    const { selected, row, session } = this.#bench;
    if (!selected || !row) return;
    if (row.claimed_by?.id === session.person.id) await api.release(selected);
    else {
      try {
        await api.claim(selected);
      } catch (fault) {
        if (!(fault instanceof api.Refused && fault.status === 409)) throw fault;
        tell(fault.message, "fault");
        return;
      }
    }
    await this.#bench.refresh();
  }

  async approve(): Promise<void> {
    const ready = await this.#ready();
    if (!ready) return;
    const { entry } = ready;
    this.#bench.took(await api.approve(this.#bench.id, [entry.id]));
    tell(t("approve.done"));
  }

  async approveAll(): Promise<void> {
    const bench = this.#bench;
    if (!(await bench.saver.flushAll())) return;
    const open = bench.list.rows.filter((row) => row.state === "machine" || row.state === "in_review").length;
    const sure = await ask({ title: t("approve-all.title", { count: open }), about: t("approve-all.about"), ok: t("approve-all.ok") });
    if (!sure) return;
    const changed = await api.approve(bench.id, null);
    bench.took(changed);
    tell(t("approve-all.done", { count: changed.records.length }));
  }

  async state(to: "published" | "withdrawn"): Promise<void> {
    const ready = await this.#ready();
    if (!ready) return;
    const { entry } = ready;
    let reason: string | null = null;
    if (to === "withdrawn") {
      const asked = await ask({ title: t("withdraw.title"), about: t("withdraw.about"), fields: [{ name: "reason", label: t("reason.label"), type: "area", required: true }] });
      if (!asked) return;
      reason = String(asked.answers.reason);
    }
    this.#bench.took(await api.state(entry.id, entry.revision, to, reason));
    tell(tSlug("state", to));
  }
}
