// The interventions of a meeting, of which only those on the screen exist. What is being looked at does not move when
// something above it changes.

import { Heights, guess } from "./windowing";
import type { Row } from "./types";
import type { RowView } from "./row";

const AROUND_PX = 500;

export interface ListHooks {
  make(row: Row, index: number, count: number): RowView;
  shown(): void;
}

export class List {
  readonly scroller: HTMLElement;
  #space: HTMLElement;
  #hooks: ListHooks;
  #rows: Row[] = [];
  #places = new Map<string, number>();
  #heights = new Heights();
  #measured = new Map<string, number>();
  #views = new Map<string, RowView>();
  #watch: ResizeObserver;
  #pending = 0;
  #width = 0;

  constructor(scroller: HTMLElement, space: HTMLElement, hooks: ListHooks) {
    this.scroller = scroller;
    this.#space = space;
    this.#hooks = hooks;
    this.#watch = new ResizeObserver((found) => this.#resized(found));
    scroller.addEventListener("scroll", () => this.later(), { passive: true });
    new ResizeObserver(() => {
      if (scroller.clientWidth === this.#width) {
        this.later();
        return;
      }
      this.#width = scroller.clientWidth;
      this.#measured.clear();
      for (const [id, view] of this.#views) this.#measured.set(id, view.node.getBoundingClientRect().height);
      this.show(this.#rows);
    }).observe(scroller);
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  view(id: string): RowView | undefined {
    return this.#views.get(id);
  }

  get views(): ReadonlyMap<string, RowView> {
    return this.#views;
  }

  index(id: string): number {
    return this.#places.get(id) ?? -1;
  }

  row(id: string): Row | undefined {
    return this.#rows[this.index(id)];
  }

  show(rows: readonly Row[]): void {
    this.#steadily(() => {
      this.#rows = [...rows];
      this.#places = new Map(rows.map((row, index) => [row.record_id, index]));
      this.#heights.reset(rows.map((row) => this.#measured.get(row.record_id) ?? guess(row.words, this.scroller.clientWidth)));
      for (const [id, view] of this.#views) {
        const index = this.index(id);
        const row = this.#rows[index];
        if (!row) this.#drop(id);
        else view.showRow(row, index, rows.length);
      }
    });
    this.render();
  }

  later(): void {
    if (this.#pending) return;
    this.#pending = requestAnimationFrame(() => {
      this.#pending = 0;
      this.render();
    });
  }

  render(): void {
    const { scroller } = this;
    const [first, last] = this.#heights.visible(scroller.scrollTop, scroller.clientHeight, AROUND_PX);
    for (const [id, view] of [...this.#views]) {
      const index = this.index(id);
      const kept = view.node.contains(document.activeElement) || view.editor?.view.composing;
      if ((index < first || index > last) && !kept) this.#drop(id);
    }
    const fragment = document.createDocumentFragment();
    const added: RowView[] = [];
    for (let index = first; index <= last; index += 1) {
      const row = this.#rows[index];
      if (!row || this.#views.has(row.record_id)) continue;
      const view = this.#hooks.make(row, index, this.#rows.length);
      this.#views.set(row.record_id, view);
      fragment.append(view.node);
      added.push(view);
    }
    if (added.length) {
      this.#space.append(fragment);
      for (const view of added) this.#watch.observe(view.node);
      this.#inOrder();
      this.#hooks.shown();
    }
    this.#position();
  }

  // For readers of the document's order, by key or by voice, it is the order of the meeting.
  #inOrder(): void {
    const views = [...this.#views].sort(([a], [b]) => this.index(a) - this.index(b));
    let before: Element | null = null;
    for (const [, view] of views) {
      const after: Element | null = before ? before.nextElementSibling : this.#space.firstElementChild;
      if (after !== view.node && !view.node.contains(document.activeElement)) this.#space.insertBefore(view.node, after);
      before = view.node;
    }
  }

  #drop(id: string): void {
    const view = this.#views.get(id);
    if (!view) return;
    this.#watch.unobserve(view.node);
    view.destroy();
    this.#views.delete(id);
  }

  // Half a screen is free below the last row: what is edited there can stay in its place, too.
  #position(): void {
    this.#space.style.height = `${this.#heights.total + this.scroller.clientHeight / 2}px`;
    for (const [id, view] of this.#views) view.node.style.transform = `translateY(${this.#heights.top(this.index(id))}px)`;
  }

  #resized(found: readonly ResizeObserverEntry[]): void {
    this.#steadily(() => {
      for (const { target, borderBoxSize } of found) {
        const id = (target as HTMLElement).dataset.id ?? "";
        const index = this.index(id);
        const height = borderBoxSize[0]?.blockSize ?? 0;
        if (index < 0 || height === 0) continue;
        this.#measured.set(id, height);
        this.#heights.measure(index, height);
      }
    });
    this.#position();
    this.later();
  }

  // Run a change of heights so that what is edited, or else the first row on the screen, stays where it is.
  #steadily(change: () => void): void {
    const { scroller } = this;
    const y = scroller.scrollTop;
    const edited = [...this.#views].find(([, view]) => view.node.contains(document.activeElement));
    const inView = (index: number) => this.#heights.top(index + 1) > y && this.#heights.top(index) < y + scroller.clientHeight;
    let id = edited && inView(this.index(edited[0])) ? edited[0] : null;
    if (id === null && this.#rows.length) id = this.#rows[this.#heights.at(y)]?.record_id ?? null;
    const before = id === null ? 0 : this.#heights.top(this.index(id)) - y;
    change();
    if (id === null || (y === 0 && id !== edited?.[0])) return;
    const index = this.index(id);
    if (index < 0) return;
    const wanted = this.#heights.top(index) - before;
    if (Math.abs(wanted - y) < 0.5) return;
    this.#space.style.height = `${this.#heights.total + this.scroller.clientHeight / 2}px`;
    scroller.scrollTop = wanted;
  }

  // Bring a row into view, and make it exist.
  bring(id: string, block: "start" | "nearest" = "nearest"): RowView | undefined {
    const index = this.index(id);
    if (index < 0) return undefined;
    const { scroller } = this;
    const top = this.#heights.top(index);
    const bottom = top + this.#heights.height(index);
    const y = scroller.scrollTop;
    const room = scroller.clientHeight;
    if (block === "start" || top < y || (bottom > y + room && bottom - top > room)) scroller.scrollTop = Math.max(0, top - 8);
    else if (bottom > y + room) scroller.scrollTop = bottom - room + 8;
    this.render();
    return this.#views.get(id);
  }

  // The last row that began at or before a moment.
  at(ms: number): Row | undefined {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle]?.start_ms ?? 0) <= ms) low = middle + 1;
      else high = middle;
    }
    return this.#rows[Math.max(0, low - 1)];
  }
}
