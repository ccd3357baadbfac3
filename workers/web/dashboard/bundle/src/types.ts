// What the API and the stream give, as far as the page reads it.

export interface Entity {
  scheme: string;
  code: string;
  name: string;
}

export interface Span {
  start_ms: number;
  end_ms: number;
  start_utc?: string;
}

export interface Word {
  text: string;
  start_ms: number;
  end_ms: number;
  confidence: number;
}

export interface Tag {
  theme: string;
  quote: string;
  offset: number;
  version: string;
}

export interface Interpreted {
  channel: string;
  language: string | null;
  spans: Span[];
  text: string;
  words?: Word[];
}

export interface Intervention {
  id: string;
  revision?: number;
  meeting_id: string;
  channel: string;
  kind: string;
  spans: Span[];
  language_spoken: string | null;
  language_text: string | null;
  interpretation: boolean;
  speaker: { entity: Entity; role: string | null; person: string | null } | null;
  on_behalf_of: Entity[];
  aligned_with: Entity[];
  text: string;
  words?: Word[];
  interpretations?: Interpreted[];
  themes: Tag[];
  review: { state: string };
  licence: string;
  synthetic: boolean;
}

export interface Meeting {
  id: string;
  title: string;
  body: string;
  symbol: string | null;
  date: string;
  state: string;
  audience: string;
  synthetic: boolean;
  licence: string;
  chair: { title: string | null };
  channels: { name: string; language: string | null; interpretation: boolean }[];
  audio?: Record<string, { url: string; until_ms: number }>;
  records: number;
}

export interface EntityRow {
  code: string;
  kind: string;
  name: string;
  groups: string[];
}

export interface TimeRow {
  entity: string | null;
  kind: string;
  records: number;
  ms: number;
}

export interface ThemeRow {
  theme: string;
  label: string;
  title: string;
  entity: string | null;
  records: number;
}

export interface Hit extends Intervention {
  highlight: { parts: { text: string; hit: boolean }[]; start_ms: number };
}

export interface Snapshot {
  state: string;
  heard_until_ms: number;
  open: Intervention[];
  floor: { record_id: string } | null;
}

export interface CloudEvent {
  id: string;
  type: string;
  sequence?: string;
  data: { meeting_id: string; record_id?: string; revision?: number | null; reason?: string | null; successors?: string[] };
}

export interface Page<T> {
  items: T[];
  next: string | null;
}
