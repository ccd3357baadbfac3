// What a strip of the timeline shows: who held the floor, the sound, and what is missing.

import type { LedgerSpan, Meeting, Row } from "./types";

export interface Sound {
  per_s: number;
  peaks: number[];
}

// A canvas at the screen's own scale, with the colours of the page.
export interface Clip {
  pen: CanvasRenderingContext2D;
  width: number;
  height: number;
  colour: (name: string) => string;
}

export function clip(canvas: HTMLCanvasElement): Clip | null {
  const scale = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const pen = canvas.getContext("2d");
  if (!pen || width === 0) return null;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  const style = getComputedStyle(document.documentElement);
  return { pen, width, height, colour: (name) => style.getPropertyValue(`--${name}`).trim() };
}

export function holesOf(meeting: Meeting | null, channel: string): LedgerSpan[] {
  const ledger = meeting?.channels.find((item) => item.name === channel)?.ledger ?? [];
  return ledger.filter((item) => item.kind === "gap" || item.kind === "speech_without_words");
}

// The same delegation has the same colour everywhere.
function hue(code: string): number {
  let found = 7;
  for (const sign of code) found = (found * 31 + sign.charCodeAt(0)) % 360;
  return found;
}

export function paint(onto: Clip, rows: readonly Row[], holes: readonly LedgerSpan[], sound: Sound | null, from: number, to: number): void {
  const { pen, width, height, colour } = onto;
  const x = (ms: number) => ((ms - from) / (to - from)) * width;
  const floorHeight = Math.round(height * 0.28);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  pen.fillStyle = colour("bar-unheard");
  pen.fillRect(0, 0, width, height);
  for (const hole of holes) {
    if (hole.end_ms < from || hole.start_ms > to) continue;
    pen.fillStyle = colour(hole.kind === "gap" ? "bar-gap" : "bar-open");
    pen.globalAlpha = 0.35;
    pen.fillRect(x(hole.start_ms), floorHeight, Math.max(1, x(hole.end_ms) - x(hole.start_ms)), height - floorHeight);
    pen.globalAlpha = 1;
  }
  for (const row of rows) {
    if (row.end_ms < from || row.start_ms > to) continue;
    const code = typeof row.entity === "string" ? row.entity : row.entity?.code;
    pen.fillStyle = code ? `hsl(${hue(code)} ${row.kind === "chair" ? "8%" : "45%"} ${dark ? "45%" : "62%"})` : colour("bar-gap");
    pen.fillRect(x(row.start_ms), 0, Math.max(0.5, x(row.end_ms) - x(row.start_ms) - 0.5), floorHeight - 1);
  }
  if (sound) wave(onto, sound, floorHeight, from, to);
}

function wave({ pen, width, height, colour }: Clip, { per_s, peaks }: Sound, top: number, from: number, to: number): void {
  const reach = (height - top) / 2 - 1;
  const middle = top + (height - top) / 2;
  const index = (column: number) => Math.floor(((from + (column / width) * (to - from)) / 1000) * per_s);
  pen.fillStyle = colour("bar-words");
  for (let column = 0; column < width; column += 1) {
    const first = index(column);
    const last = Math.max(first + 1, index(column + 1));
    let peak = 0;
    for (let i = Math.max(0, first); i < last && i < peaks.length; i += 1) peak = Math.max(peak, peaks[i] ?? 0);
    const high = (peak / 255) * reach;
    if (high > 0) pen.fillRect(column, middle - high, 1, high * 2);
  }
}
