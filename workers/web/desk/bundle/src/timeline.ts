// The meeting as a strip: who held the floor, what is missing, and the sound; below it a minute of it with boundaries.

import { clock, fineClock } from "./clock";
import { h } from "./dom";
import { clip, type Clip, holesOf, paint, type Sound } from "./painting";
import { t, tSlug } from "./text";
import type { Meeting, Row } from "./types";

const DETAIL_MS = 60_000;
const SIGNS_MS = 100; // what an arrow key moves a boundary by; with Shift ten times as much

export interface TimelineHooks {
  go(ms: number): void;
  boundary(edge: "start" | "end", ms: number): Promise<void>; // over once the boundary is set, or refused
}

export class Timeline {
  readonly whole: HTMLCanvasElement;
  readonly detail: HTMLCanvasElement;
  #handles: Record<"start" | "end", HTMLElement>;
  #hooks: TimelineHooks;
  #meeting: Meeting | null = null;
  #channel = "floor";
  #peaks: Sound | null = null;
  #selected: Row | null = null;
  #editable = false;
  #position = 0;
  #centre = 0;
  #pending = 0;
  #backdrop: HTMLCanvasElement | null = null;
  #dragging: "start" | "end" | null = null;
  #dragged: number | null = null;
  #asked: number | null = null;
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
      const ms = this.#dragging === edge ? this.#dragged : null;
      if (ms === null) this.#letGo();
      else if (ms !== this.#asked) {
        this.#asked = ms; // it stays where it was put until the server has answered
        void this.#hooks.boundary(edge, ms).finally(() => this.#asked === ms && this.#letGo());
      }
    };
    node.addEventListener("pointerup", drop);
    node.addEventListener("pointercancel", () => this.#letGo());
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
        this.#letGo();
      }
    });
    node.addEventListener("blur", drop);
    return node;
  }

  #letGo(): void {
    this.#dragging = this.#dragged = this.#asked = null;
    this.draw();
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

  sound(peaks: Sound | null): void {
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
    const hole = holesOf(this.#meeting, this.#channel).find((item) => item.start_ms <= ms && ms < item.end_ms);
    const floor = this.#meeting?.rows.findLast((row) => row.start_ms <= ms && ms < row.end_ms);
    this.whole.title = [clock(ms), floor?.heading ?? "", hole ? tSlug("ledger", hole.kind) : ""].filter(Boolean).join(" · ");
  }

  #detailMs(x: number): number {
    const box = this.detail.getBoundingClientRect();
    return Math.max(0, Math.round(this.#centre - DETAIL_MS / 2 + ((x - box.left) / box.width) * DETAIL_MS));
  }

  #paint(onto: Clip, from: number, to: number): void {
    if (this.#meeting) paint(onto, this.#meeting.rows, holesOf(this.#meeting, this.#channel), this.#peaks, from, to);
  }

  #drawWhole(): void {
    const found = clip(this.whole);
    if (!found || !this.#meeting) return;
    const { pen, width, height, colour } = found;
    if (!this.#backdrop) {
      this.#backdrop = document.createElement("canvas");
      this.#backdrop.width = this.whole.width;
      this.#backdrop.height = this.whole.height;
      const below = this.#backdrop.getContext("2d");
      const scale = devicePixelRatio || 1;
      below?.setTransform(scale, 0, 0, scale, 0, 0);
      if (below) this.#paint({ pen: below, width, height, colour }, 0, this.#duration);
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
    const found = clip(this.detail);
    if (!found || !this.#meeting) return;
    const { pen, width, height, colour } = found;
    const from = this.#centre - DETAIL_MS / 2;
    this.#paint(found, from, from + DETAIL_MS);
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
    const around = `${clock(from)} – ${clock(from + DETAIL_MS)}`;
    this.#caption.textContent = this.#dragging ? `${around} · ${t(`span.${this.#dragging}`, { time: fineClock(this.#edge(this.#dragging)) })}` : around;
  }
}
