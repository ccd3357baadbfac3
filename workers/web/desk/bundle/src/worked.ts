// How long somebody works on an intervention: counted while the page is seen and was touched within the last minute.

const BEAT_S = 15;
const IDLE_MS = 60_000;

export class Worked {
  #spend: (seconds: number) => void;
  #touched = Date.now();
  #seconds = 0;

  constructor(spend: (seconds: number) => void) {
    this.#spend = spend;
    setInterval(() => {
      if (document.visibilityState !== "visible" || Date.now() - this.#touched > IDLE_MS) return;
      this.#seconds += 1;
      if (this.#seconds >= BEAT_S) this.change();
    }, 1000);
  }

  touch(): void {
    this.#touched = Date.now();
  }

  // What was counted so far belongs to what was worked on until now.
  change(): void {
    if (this.#seconds > 0) this.#spend(this.#seconds);
    this.#seconds = 0;
  }
}

export function busy(touch: () => void): void {
  for (const type of ["keydown", "pointerdown", "wheel", "timeupdate"]) addEventListener(type, touch, { passive: true, capture: true });
}
