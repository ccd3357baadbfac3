// Who spoke how long, summed: by delegation, by regional group, and apart what only led from one to the next.

import { SUBDUED } from "./known";
import type { EntityRow, TimeRow } from "./types";

export const CHAIR = "CHAIR";

// The five regional groups, then who belongs to none; the order and the names of the colours.
export const REGIONAL = ["AFRICAN_GROUP", "ASIA_PACIFIC", "EEG", "GRULAC", "WEOG"] as const;
export const CATEGORIES = [...REGIONAL, "state", "observer", "organization", "group", "official", "other", "chair", "nobody"] as const;
export type Category = (typeof CATEGORIES)[number];

export interface Share {
  key: string;
  ms: number;
  records: number;
}

export interface Figures {
  delegations: Share[];
  groups: Share[];
  chair: Share;
  nobody: Share;
}

export type Entities = Map<string, EntityRow>;

// Where an entity counts; only states and observers belong to regional groups.
export function category(code: string | null, kind: string, entities: Entities): Category {
  if (code === CHAIR || SUBDUED.has(kind)) return "chair";
  if (code === null) return "nobody";
  const entity = entities.get(code);
  if (!entity) return "other";
  const regional = REGIONAL.find((group) => entity.groups.includes(group));
  if (regional) return regional;
  return (CATEGORIES as readonly string[]).includes(entity.kind) ? (entity.kind as Category) : "other";
}

export function figures(rows: TimeRow[], entities: Entities): Figures {
  const delegations = new Map<string, Share>();
  const groups = new Map<string, Share>();
  const chair: Share = { key: "chair", ms: 0, records: 0 };
  const nobody: Share = { key: "nobody", ms: 0, records: 0 };
  for (const row of rows) {
    const where = category(row.entity, row.kind, entities);
    if (where === "chair") add(chair, row);
    else if (row.entity === null) add(nobody, row);
    else {
      add(of(delegations, row.entity), row);
      add(of(groups, where), row);
    }
  }
  return { delegations: longest(delegations), groups: longest(groups), chair, nobody };
}

function of(shares: Map<string, Share>, key: string): Share {
  const there = shares.get(key) ?? { key, ms: 0, records: 0 };
  shares.set(key, there);
  return there;
}

function add(share: Share, row: TimeRow): void {
  share.ms += row.ms;
  share.records += row.records;
}

const longest = (shares: Map<string, Share>): Share[] =>
  [...shares.values()].sort((a, b) => b.ms - a.ms || (a.key < b.key ? -1 : 1));
