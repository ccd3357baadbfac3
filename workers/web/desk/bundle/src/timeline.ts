// The meeting as a strip: who held the floor, what is missing, and the sound; below it a minute of it with boundaries.

import { clock, fineClock } from "./clock";
import { h } from "./dom";
import { t, tSlug } from "./text";
import type { LedgerSpan, Meeting, Row } from "./types";

const DETAIL_MS = 60_000;
const SIGNS_MS = 100; // what an arrow key moves a boundary by; with Shift ten times as much

export interface TimelineHooks {
  go(ms: number): void;
  boundary(edge: "start" | "end", ms: number): void;
}

function hue(code: string): number {
  let found = 7;
  for (const sign of code) found = (found * 31 + sign.charCodeAt(0)) % 360;
  return found;
}

export class Timeline {
  readonly whole: HTMLCanvasElement;
  readonly detail: HTMLCanvasElement;
  #handles: Record<"start" | "end", HTMLElement>;
  #hooks: TimelineHooks;
  #meeting: Meeting | null = null;
  #channel = "floor";
  #peaks: { per_s: number; peaks: number[] } | null = null;
  #selected: Row | null = null;
  #editable = false;
  #position = 0;
  #centre = 0;
  #pending = 0;
  #backdrop: HTMLCanvasElement | null = null;
  #dragging: "start" | "end" | null = null;
  #dragged: number | null = null;
  #caption: HTMLElement;

  constructor(host: HTMLElement, hooks: TimelineHooks) {
    this.#hooks = hooks;
    this.whole = h("canvas", { class: "strip whole", role: "img", "aria-label": t("timeline.whole") });
    this.detail = h("canvas", { class: "strip detail", role: "img", "aria-label": t("timeline.detail") });
    this.#caption = h("p", { class: "timeline-caption", "aria-hidden": "true" });
    this.#handles = { start: this.#handle("start"), end: this.#handle("end") };
    const frame = h("div", { class: "detail-frame" }, this.detail, this.#handles.start, this.#handles.end);
    host.replaceChildren(this.whole, frame, this.#caption);
    this.whole.addEventListener("pointerdown", (event) => this.#seekWhole(event));
    this.whole.addEventListener("pointermove", (event) => {
      if (event.buttons === 1) this.#seekWhole(event);
      this.#tip(event);
    });
    this.detail.addEventListener("pointerdown", (event) => this.#hooks.go(this.#detailMs(event.clientX)));
    new ResizeObserver(() => {
      this.#backdrop = null;
      this.draw();
    }).observe(host);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#backdrop = null;
      this.draw();
    });
  }

  #handle(edge: "start" | "end"): HTMLElement {
    const node = h("div", { class: `boundary ${edge}`, role: "slider", tabindex: "0", "aria-label": t(`timeline.${edge}`), hidden: true });
    node.addEventListener("pointerdown", (event) => {
      if (!this.#editable) return;
      node.setPointerCapture(event.pointerId);
      this.#dragging = edge;
      event.preventDefault();
    });
    node.addEventListener("pointermove", (event) => {
      if (this.#dragging !== edge) return;
      this.#dragged = this.#detailMs(event.clientX);
      this.draw();
    });
    const drop = () => {
      if (this.#dragging === edge && this.#dragged !== null) this.#hooks.boundary(edge, this.#dragged);
      this.#dragging = null;
      this.#dragged = null;
      this.draw();
    };
    node.addEventListener("pointerup", drop);
    node.addEventListener("pointercancel", () => {
      this.#dragging = this.#dragged = null;
      this.draw();
    });
    node.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (step && this.#editable && !event.altKey && !event.ctrlKey) {
        event.preventDefault();
        event.stopPropagation();
        this.#dragged = (this.#dragged ?? this.#edge(edge)) + step * SIGNS_MS * (event.shiftKey ? 10 : 1);
        this.#dragging = edge;
        this.draw();
      } else if (event.key === "Enter" && this.#dragging === edge) {
        event.preventDefault();
        event.stopPropagation();
        drop();
      } else if (event.key === "Escape" && this.#dragging === edge) {
        event.stopPropagation();
        this.#dragging = this.#dragged = null;
        this.draw();
      }
    });
    node.addEventListener("blur", drop);
    return node;
  }

  #edge(edge: "start" | "end"): number {
    if (this.#dragging === edge && this.#dragged !== null) return this.#dragged;
    return (edge === "start" ? this.#selected?.start_ms : this.#selected?.end_ms) ?? 0;
  }

  show(meeting: Meeting, channel: string): void {
    this.#meeting = meeting;
    this.#channel = channel;
    this.#backdrop = null;
    this.draw();
  }

  sound(peaks: { per_s: number; peaks: number[] } | null): void {
    this.#peaks = peaks;
    this.#backdrop = null;
    this.draw();
  }

  select(row: Row | null, editable: boolean): void {
    this.#selected = row;
    this.#editable = editable;
    if (row && (row.start_ms < this.#centre - DETAIL_MS / 2 || row.start_ms > this.#centre + DETAIL_MS / 2)) this.#centre = row.start_ms;
    this.draw();
  }

  at(ms: number): void {
    if (ms === this.#position) return;
    this.#position = ms;
    if (ms < this.#centre - DETAIL_MS / 2 || ms > this.#centre + DETAIL_MS / 2 - 3000) this.#centre = ms + DETAIL_MS / 2 - 6000;
    this.draw();
  }

  // Bring the other end of the selected intervention into the detail strip.
  reveal(ms: number): void {
    this.#centre = ms;
    this.draw();
  }

  draw(): void {
    if (this.#pending) return;
    this.#pending = requestAnimationFrame(() => {
      this.#pending = 0;
      this.#centre = Math.max(this.#centre, DETAIL_MS / 2);
      this.#drawWhole();
      this.#drawDetail();
    });
  }

  get #duration(): number {
    return Math.max(1, this.#meeting?.duration_ms ?? 1);
  }

  #seekWhole(event: PointerEvent): void {
    const box = this.whole.getBoundingClientRect();
    this.#hooks.go(Math.max(0, Math.round(((event.clientX - box.left) / box.width) * this.#duration)));
  }

  #tip(event: PointerEvent): void {
    const box = this.whole.getBoundingClientRect();
    const ms = ((event.clientX - box.left) / box.width) * this.#duration;
    const hole = this.#holes().find((item) => item.start_ms <= ms && ms < item.end_ms);
    const floor = this.#meeting?.rows.findLast((row) => row.start_ms <= ms && ms < row.end_ms);
    this.whole.title = [clock(ms), floor?.heading ?? "", hole ? tSlug("ledger", hole.kind) : ""].filter(Boolean).join(" · ");
  }

  #holes(): LedgerSpan[] {
    return (this.#meeting?.channels.find((item) => item.name === this.#channel)?.ledger ?? []).filter((item) => item.kind === "gap" || item.kind === "speech_without_words");
  }

  #detailMs(x: number): number {
    const box = this.detail.getBoundingClientRect();
    return Math.max(0, Math.round(this.#centre - DETAIL_MS / 2 + ((x - box.left) / box.width) * DETAIL_MS));
  }

  #context(canvas: HTMLCanvasElement): { pen: CanvasRenderingContext2D; width: number; height: number; colour: (name: string) => string } | null {
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

  #paint(pen: CanvasRenderingContext2D, width: number, height: number, from: number, to: number, colour: (name: string) => string): void {
    const meeting = this.#meeting;
    if (!meeting) return;
    const x = (ms: number) => ((ms - from) / (to - from)) * width;
    const floorHeight = Math.round(height * 0.28);
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    pen.fillStyle = colour("bar-unheard");
    pen.fillRect(0, 0, width, height);
    for (const hole of this.#holes()) {
      if (hole.end_ms < from || hole.start_ms > to) continue;
      pen.fillStyle = colour(hole.kind === "gap" ? "bar-gap" : "bar-open");
      pen.globalAlpha = 0.35;
      pen.fillRect(x(hole.start_ms), floorHeight, Math.max(1, x(hole.end_ms) - x(hole.start_ms)), height - floorHeight);
      pen.globalAlpha = 1;
    }
    for (const row of meeting.rows) {
      if (row.end_ms < from || row.start_ms > to) continue;
      const code = typeof row.entity === "string" ? row.entity : row.entity?.code;
      pen.fillStyle = code ? `hsl(${hue(code)} ${row.kind === "chair" ? "8%" : "45%"} ${dark ? "45%" : "62%"})` : colour("bar-gap");
      pen.fillRect(x(row.start_ms), 0, Math.max(0.5, x(row.end_ms) - x(row.start_ms) - 0.5), floorHeight - 1);
    }
    if (!this.#peaks) return;
    const { per_s, peaks } = this.#peaks;
    const middle = floorHeight + (height - floorHeight) / 2;
    const reach = (height - floorHeight) / 2 - 1;
    pen.fillStyle = colour("bar-words");
    for (let column = 0; column < width; column += 1) {
      const first = Math.floor(((from + (column / width) * (to - from)) / 1000) * per_s);
      const last = Math.max(first + 1, Math.floor(((from + ((column + 1) / width) * (to - from)) / 1000) * per_s));
      let peak = 0;
      for (let i = Math.max(0, first); i < last && i < peaks.length; i += 1) peak = Math.max(peak, peaks[i] ?? 0);
      const high = (peak / 255) * reach;
      if (high > 0) pen.fillRect(column, middle - high, 1, high * 2);
    }
  }

  #drawWhole(): void {
    const found = this.#context(this.whole);
    if (!found || !this.#meeting) return;
    const { pen, width, height, colour } = found;
    if (!this.#backdrop) {
      this.#backdrop = document.createElement("canvas");
      this.#backdrop.width = this.whole.width;
      this.#backdrop.height = this.whole.height;
      const below = this.#backdrop.getContext("2d");
      const scale = devicePixelRatio || 1;
      below?.setTransform(scale, 0, 0, scale, 0, 0);
      if (below) this.#paint(below, width, height, 0, this.#duration, colour);
    }
    pen.drawImage(this.#backdrop, 0, 0, width, height);
    const x = (ms: number) => (ms / this.#duration) * width;
    if (this.#selected) {
      pen.strokeStyle = colour("ink");
      pen.lineWidth = 2;
      pen.strokeRect(x(this.#selected.start_ms), 1, Math.max(2, x(this.#selected.end_ms) - x(this.#selected.start_ms)), height - 2);
    }
    pen.fillStyle = colour("live");
    pen.fillRect(x(this.#position) - 1, 0, 2, height);
  }

  #drawDetail(): void {
    const found = this.#context(this.detail);
    if (!found || !this.#meeting) return;
    const { pen, width, height, colour } = found;
    const from = this.#centre - DETAIL_MS / 2;
    this.#paint(pen, width, height, from, from + DETAIL_MS, colour);
    const x = (ms: number) => ((ms - from) / DETAIL_MS) * width;
    pen.fillStyle = colour("live");
    pen.fillRect(x(this.#position) - 1, 0, 2, height);
    for (const edge of ["start", "end"] as const) {
      const node = this.#handles[edge];
      const ms = this.#edge(edge);
      const seen = this.#selected !== null && ms >= from && ms <= from + DETAIL_MS;
      node.hidden = !seen;
      if (!seen) continue;
      node.style.left = `${x(ms)}px`;
      node.setAttribute("aria-valuemin", "0");
      node.setAttribute("aria-valuemax", String(this.#duration));
      node.setAttribute("aria-valuenow", String(ms));
      node.setAttribute("aria-valuetext", fineClock(ms));
      node.setAttribute("aria-disabled", String(!this.#editable));
      node.classList.toggle("moving", this.#dragging === edge);
    }
    this.#caption.textContent = `${clock(from)} – ${clock(from + DETAIL_MS)}`;
  }
}
