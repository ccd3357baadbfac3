// Names of the entities that evidence and alternatives name by their code.

import * as api from "./api";
import type { Workbench } from "./meeting";

export class Names {
  #bench: Workbench;
  #learnt: () => void;
  #known = new Map<string, string>();

  constructor(bench: Workbench, learnt: () => void) {
    this.#bench = bench;
    this.#learnt = learnt;
  }

  // The name, or the code until the name was learnt.
  of(code: string): string {
    if (code === "CHAIR") return this.#bench.chair;
    const known = this.#known.get(code);
    if (known !== undefined) return known;
    this.#known.set(code, code);
    void this.#learn(code);
    return code;
  }

  async #learn(code: string): Promise<void> {
    try {
      const { entities } = await api.entities(code, this.#bench.meeting.meeting.date);
      const found = entities.find((item) => item.code === code);
      if (!found) return;
      this.#known.set(code, found.names?.en ?? found.name);
      this.#learnt();
    } catch {
      this.#known.delete(code); // asked again when it is shown again
    }
  }
}
