// What the server sends: see docs/schemas.md for records, docs/reviewers.md for the addresses.

export interface Span {
  start_ms: number;
  end_ms: number;
}

export interface Word extends Span {
  text: string;
  confidence: number;
  source: "recognised" | "aligned" | "interpolated" | "human";
}

export interface Entity {
  scheme: string;
  code: string;
  name: string;
}

export interface EntityFound extends Entity {
  kind?: string;
  names?: Record<string, string>;
}

export interface Speaker {
  entity: Entity;
  name_as_said: string | null;
  role: string | null;
  capacity: string | null;
  person: string | null;
}

export interface Evidence {
  type: string;
  quote: string;
  span: Span;
  channel: string;
  weight: number;
  entity: string | null;
}

export interface Interpretation {
  channel: string;
  language: string | null;
  spans: Span[];
  text: string;
  words: Word[];
}

export interface MachineConflict {
  id: string;
  kept: boolean; // false: it would come of taking what the machine knows now
  field: string;
  base: unknown;
  yours: unknown;
  machine: unknown;
  span: Span | null; // of a text: when its words were said
}

export interface Note {
  id: string;
  note: string | null;
  author: string;
  author_name: string | null;
  at: string;
}

export interface Entry {
  id: string;
  revision: number;
  meeting_id: string;
  channel: string;
  kind: string;
  spans: Span[];
  language_spoken: string | null;
  language_text: string | null;
  interpretation: boolean;
  speaker: Speaker | null;
  on_behalf_of: Entity[];
  aligned_with: Entity[];
  attribution: {
    status: "attributed" | "unattributed";
    confidence: number;
    method: string;
    evidence: Evidence[];
    alternatives: { entity: string; confidence: number; name?: string }[];
  };
  text: string;
  words: Word[];
  interpretations?: Interpretation[];
  quality: { recogniser_confidence: number | null; flags: string[] };
  review: { state: State; person_confirmed?: boolean; off_record?: Span[]; note?: string; conflicts?: object[] };
  conflicts?: MachineConflict[];
  notes?: Note[];
}

export type State = "provisional" | "machine" | "in_review" | "approved" | "published" | "corrected" | "withdrawn";

export interface Holder {
  id: string;
  name: string;
  until?: string;
}

export interface Row {
  record_id: string;
  revision: number | null;
  ordinal: number;
  channel: string;
  conflicts?: number;
  machine_waits?: boolean;
  start_ms: number;
  end_ms: number;
  kind: string;
  heading: string | null;
  entity: string | Entity | null;
  on_behalf_of: (string | Entity)[];
  state: State;
  flags: string[];
  words: number;
  confidence: number | null;
  claimed_by: Holder | null;
}

export interface Channel {
  name: string;
  language: string | null;
  interpretation: boolean;
  label: string;
  end_ms: number;
  ledger: LedgerSpan[];
}

export interface LedgerSpan extends Span {
  kind: string;
  cause?: string | null;
}

export interface Meeting {
  meeting: { id: string; title: string; body: string; date: string; synthetic?: boolean; chair?: { title?: string | null } };
  channels: Channel[];
  duration_ms: number;
  floor: (Span & { entity: string | Entity | null; record_id: string })[];
  state: string;
  rows: Row[];
  version: string;
}

export interface Session {
  person: { id: string; name: string; role: string };
  may: string[];
  csrf: string;
}

export interface Correction {
  id: string;
  operation: string;
  before: object | null;
  after: object | null;
  reason: string | null;
  resolves?: readonly string[];
}

export interface Changed {
  records: Entry[];
  retired: string[];
}

export interface QueueItem {
  record_id: string | null;
  review_item_id: string | null;
  meeting_id: string;
  start_ms: number;
  end_ms: number;
  heading: string | null;
  state: State | null;
  reasons: { slug: string; text: string }[];
  probability: number;
  impact: number;
  priority: number;
  claimed_by: Holder | null;
}

export interface ReviewItem {
  id: string;
  meeting_id: string;
  channel: string;
  span: Span;
  reason: string;
  state: "open" | "closed";
  closed_at: string | null;
  closed_by: string | null;
  closed_reason: string | null;
}

export interface Progress {
  meeting_id: string;
  title: string;
  total: number;
  machine: number;
  in_review: number;
  approved: number;
  published: number;
  minutes_per_audio_hour: number | null;
}

// A stretch of two texts: what stood there and what stands there now.
export interface Piece {
  kind: "equal" | "insert" | "delete" | "replace";
  before: string;
  after: string;
}

export interface Revision {
  revision: number;
  made_by: "machine" | "person";
  author: string | null;
  author_name: string | null;
  reason: string | null;
  at: string;
  state: State;
  fields: string[];
  text: Piece[];
}

export interface Difference {
  kind: "same" | "added" | "removed";
  text: string;
}
