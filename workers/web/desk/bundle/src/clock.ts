// Moments and lengths of the meeting clock as text, and back.

export function clock(ms: number): string {
  const s = Math.floor(Math.max(0, ms) / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

// With tenths, where a boundary is set.
export function fineClock(ms: number): string {
  return `${clock(ms)}.${Math.floor((Math.max(0, ms) % 1000) / 100)}`;
}

// Day and time of the reader's clock, written as on the pages for everybody.
export function dayAndTime(at: string): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function parseClock(text: string): number | null {
  const found = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d{1,5})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!found) return null;
  const [, h, m, s, fraction] = found;
  return (Number(h ?? 0) * 3600 + Number(m ?? 0) * 60 + Number(s)) * 1000 + Math.round(Number(`0.${fraction ?? 0}`) * 1000);
}
