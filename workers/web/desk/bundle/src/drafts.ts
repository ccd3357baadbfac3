// Unsaved text outlives a closed tab and a lost connection: it is kept in this browser until the server has it.

export interface Draft {
  meeting_id: string;
  record_id: string;
  revision: number;
  base: string;
  text: string;
  at: number;
}

const PREFIX = "floorlog-draft/";

export class Drafts {
  #storage: Storage;
  #person: string;

  constructor(storage: Storage, person: string) {
    this.#storage = storage;
    this.#person = person;
  }

  #key(recordId: string): string {
    return `${PREFIX}${this.#person}/${recordId}`;
  }

  keep(draft: Draft): boolean {
    try {
      this.#storage.setItem(this.#key(draft.record_id), JSON.stringify(draft));
      return true;
    } catch {
      return false; // the browser keeps nothing, or its room is full
    }
  }

  forget(recordId: string): void {
    this.#storage.removeItem(this.#key(recordId));
  }

  of(meetingId: string): Draft[] {
    const found: Draft[] = [];
    const prefix = this.#key("");
    for (let i = 0; i < this.#storage.length; i += 1) {
      const key = this.#storage.key(i);
      if (!key?.startsWith(prefix)) continue;
      try {
        const draft = JSON.parse(this.#storage.getItem(key) ?? "") as Draft;
        if (draft.meeting_id === meetingId && typeof draft.text === "string") found.push(draft);
      } catch {
        this.#storage.removeItem(key);
      }
    }
    return found.sort((a, b) => a.at - b.at);
  }
}
