// Reading the API: one place for its addresses and its faults.

import type { EntityRow, Hit, Intervention, Meeting, Page, Snapshot, ThemeRow, TimeRow } from "./types";

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
  ) {
    super(detail);
  }
}

export class Unreachable extends Error {}

type Query = Record<string, string | number | boolean | undefined>;

const BUSY = new Set([429, 502, 503, 504]);

async function read<T>(path: string, query: Query = {}): Promise<T> {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  let answer: Response;
  try {
    answer = await fetch(`/v1/${path}${given.length ? `?${search}` : ""}`, { headers: { accept: "application/json" } });
  } catch (fault) {
    throw new Unreachable(String(fault));
  }
  if (BUSY.has(answer.status)) throw new Unreachable(String(answer.status));
  const found: unknown = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, String((found as { detail?: unknown }).detail ?? answer.status));
  return found as T;
}

// All pages of a list.
async function all<T>(path: string, query: Query = {}): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await read<Page<T>>(path, { ...query, ...(cursor ? { cursor } : {}) });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

const id = encodeURIComponent;

export const meetings = (cursor?: string) => read<Page<Meeting>>("meetings", cursor ? { cursor } : {});
export const meeting = (meetingId: string) => read<Meeting>(`meetings/${id(meetingId)}`);
export const interventions = (meetingId: string) =>
  all<Intervention>(`meetings/${id(meetingId)}/interventions`, { limit: 100 });
export const intervention = (recordId: string, words = true) =>
  read<Intervention>(`interventions/${id(recordId)}`, words ? {} : { words: false });
export const live = (meetingId: string) => read<Snapshot>(`meetings/${id(meetingId)}/live`);
export const speakingTime = async (meetingId: string) =>
  (await read<{ items: TimeRow[] }>(`meetings/${id(meetingId)}/speaking-time`)).items;
export const themes = async (meetingId: string) => (await read<{ items: ThemeRow[] }>(`meetings/${id(meetingId)}/themes-by-entity`)).items;
export const entities = async (on: string) => (await read<{ items: EntityRow[] }>("entities", { on })).items;
export const search = (q: string, meetingId?: string, cursor?: string) =>
  read<Page<Hit>>("search", { q, ...(meetingId ? { meeting: meetingId } : {}), ...(cursor ? { cursor } : {}) });
export const now = async () => (await read<{ next: string }>("changes", { after: "now" })).next;
export const streamAddress = (meetingId: string, after: string) =>
  `/v1/stream?${new URLSearchParams({ meeting: meetingId, live: "true", after })}`;
export const fileAddress = (meetingId: string, extension: string) => `/v1/meetings/${id(meetingId)}/export.${extension}`;
