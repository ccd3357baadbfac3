// Talking to the server: one place for tokens, entity tags and faults.

import type { Changed, Correction, Entry, EntityFound, Meeting, Progress, QueueItem, ReviewItem, Revision, Session } from "./types";

export class Refused extends Error {
  status: number;
  body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.detail ?? body.title ?? status));
    this.status = status;
    this.body = body;
  }
}

export class Unreachable extends Error {}

let csrf = "";

async function ask<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path.startsWith("/") ? path : `/desk/api/${path}`, {
      method,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(method === "GET" ? {} : { "x-csrf-token": csrf }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (fault) {
    throw new Unreachable(String(fault));
  }
  const text = await answer.text();
  let found: unknown = {};
  try {
    found = text ? JSON.parse(text) : {};
  } catch {
    found = {};
  }
  if (answer.status === 502 || answer.status === 503 || answer.status === 504) throw new Unreachable(String(answer.status));
  if (!answer.ok) throw new Refused(answer.status, found as Record<string, unknown>);
  return found as T;
}

const id = encodeURIComponent;

export async function session(): Promise<Session> {
  const found = await ask<Session>("GET", "session");
  csrf = found.csrf;
  return found;
}

export const queue = (query: URLSearchParams) =>
  ask<{ items: QueueItem[]; cursor: string | null; progress: Progress[] }>("GET", `queue?${query}`);
export const claim = (record_id: string) => ask<{ claimed_by: string; until: string }>("POST", "claims", { record_id });
export const reviewItems = (meetingId: string) => ask<{ items: ReviewItem[] }>("GET", `/meetings/${id(meetingId)}/review-items.json`);
export const settleItem = (itemId: string, state: "open" | "closed", reason: string | null) => ask("POST", `review-items/${id(itemId)}`, { state, reason });
export const release = (record_id: string) => ask("DELETE", `claims/${id(record_id)}`);
export const meeting = (meetingId: string) => ask<Meeting>("GET", `meetings/${id(meetingId)}`);
export const records = (meetingId: string, ids: readonly string[]) =>
  ask<{ records: Entry[] }>("GET", `meetings/${id(meetingId)}/records?ids=${ids.map(id).join(",")}`);
export const peaks = (meetingId: string, channel: string, perS: number) =>
  ask<{ per_s: number; peaks: number[]; complete: boolean }>("GET", `meetings/${id(meetingId)}/peaks?channel=${id(channel)}&per_s=${perS}`);
export const changes = (meetingId: string, since: string) =>
  new EventSource(`/desk/api/meetings/${id(meetingId)}/changes?since=${id(since)}`);
export const history = (recordId: string) => ask<{ revisions: Revision[] }>("GET", `records/${id(recordId)}/history`);
export const voice = (recordId: string) =>
  ask<{ records: { record_id: string; similarity: number }[] }>("GET", `records/${id(recordId)}/voice`);
export const entities = (q: string, date: string) =>
  ask<{ entities: EntityFound[] }>("GET", `entities?q=${id(q)}&date=${id(date)}&limit=12`);
export const correct = (recordId: string, revision: number, corrections: readonly Correction[]) =>
  ask<Changed>("POST", `records/${id(recordId)}/corrections`, { corrections }, { "if-match": `"${revision}"` });
export const state = (recordId: string, revision: number, to: string, reason: string | null) =>
  ask<Changed>("POST", `records/${id(recordId)}/state`, { to, reason }, { "if-match": `"${revision}"` });
export const takeMachine = (recordId: string, revision: number, reason: string | null) =>
  ask<Changed>("POST", `records/${id(recordId)}/take-machine`, { reason }, { "if-match": `"${revision}"` });
export const approve = (meetingId: string, ids: readonly string[] | null) =>
  ask<Changed>("POST", `meetings/${id(meetingId)}/approve`, { record_ids: ids });
export const publish = (meetingId: string, ids: readonly string[] | null) =>
  ask<Changed>("POST", `meetings/${id(meetingId)}/publish`, { record_ids: ids });
export const undo = (meetingId: string) => ask<Changed>("POST", `meetings/${id(meetingId)}/undo`, {});
export const redo = (meetingId: string) => ask<Changed>("POST", `meetings/${id(meetingId)}/redo`, {});
export const replace = (meetingId: string, asked: { find: string; replace: string; match_case: boolean; whole_words: boolean; reason?: string }) =>
  ask<Changed>("POST", `meetings/${id(meetingId)}/replace`, asked);
export const time = (record_id: string, seconds: number) => ask("POST", "time", { record_id, seconds });

export function correction(part: Omit<Correction, "id" | "reason">, reason: string | null): Correction {
  return { id: crypto.randomUUID(), ...part, reason };
}

// What was missed has no record yet: the address names the meeting.
export const insert = (meetingId: string, made: Correction) =>
  ask<Changed>("POST", `meetings/${id(meetingId)}/corrections`, { corrections: [made] });
