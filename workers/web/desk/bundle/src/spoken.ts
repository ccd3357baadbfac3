// The spoken word is lit, and the page follows it, but never away from where somebody types.

import type { Workbench } from "./meeting";

export class Spoken {
  follows = true;
  #bench: Workbench;
  #row: string | null = null;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  show(): void {
    const { player, list, meeting } = this.#bench;
    const ms = player.positionMs;
    const id = list.at(ms)?.record_id ?? null;
    const interpreted = meeting.channels.find((item) => item.name === player.channel)?.interpretation ?? false;
    const follows = id !== null && this.follows && player.playing && !this.#elsewhere(id);
    if (this.#row && this.#row !== id) list.view(this.#row)?.light(null, interpreted);
    if (follows && this.#row !== id) list.bring(id);
    this.#row = id;
    const word = id ? list.view(id)?.light(ms, interpreted) : null;
    if (word && follows) this.#keepInView(word);
  }

  #elsewhere(id: string): boolean {
    const editing = [...this.#bench.list.views].find(([, view]) => view.editor?.focused);
    return editing !== undefined && editing[0] !== id;
  }

  #keepInView(word: HTMLElement): void {
    const { scroller } = this.#bench.list;
    const box = word.getBoundingClientRect();
    const frame = scroller.getBoundingClientRect();
    if (box.top < frame.top + 8 || box.bottom > frame.bottom - 40) scroller.scrollTop += box.top - frame.top - frame.height / 3;
  }
}
