// Which word is spoken at a moment, and which one the keyboard is at.

const LINGER_MS = 1500; // a word stays lit in a pause after it, but not in a long one

export class Words {
  #root;
  #nodes = null; // in order of their starts
  #starts = [];

  spoken = null;
  #cursor = null;
  #channel = null; // words of other channels are not lit: an interpreter says the same some seconds later

  constructor(root) {
    this.#root = root;
  }

  // The log changed: the words are looked up again when they are needed next.
  changed() {
    this.#nodes = null;
    if (this.spoken && !this.spoken.isConnected) this.spoken = null;
    if (this.#cursor && !this.#cursor.isConnected) this.#cursor = null;
  }

  set channel(name) {
    if (name === this.#channel) return;
    this.#channel = name;
    this.changed();
  }

  #index() {
    if (this.#nodes) return;
    const found = this.#root.querySelectorAll(`.words[data-channel="${this.#channel}"] [data-t]`);
    this.#nodes = [...found].sort((a, b) => a.dataset.t - b.dataset.t);
    this.#starts = this.#nodes.map((node) => Number(node.dataset.t));
  }

  // Light the word that is spoken at a moment; return it.
  light(atMs) {
    this.#index();
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= atMs) low = middle + 1;
      else high = middle;
    }
    const index = low - 1;
    const node = index >= 0 && atMs - this.#starts[index] < LINGER_MS ? this.#nodes[index] : null;
    if (node !== this.spoken) {
      this.spoken?.removeAttribute("data-spoken");
      node?.setAttribute("data-spoken", "");
      this.spoken = node;
    }
    return node;
  }

  get cursor() {
    return this.#cursor;
  }

  set cursor(node) {
    this.#cursor?.removeAttribute("data-cursor");
    this.#cursor = node;
  }

  // Move by key in a text; return whether the key means something there.
  key(text, key) {
    const nodes = [...text.querySelectorAll("[data-t]")];
    const inside = text.contains(this.#cursor) ? this.#cursor : text.contains(this.spoken) ? this.spoken : null;
    const at = nodes.indexOf(inside);
    const back = getComputedStyle(text).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    const forth = back === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const to = { [forth]: at + 1, [back]: at - 1, Home: 0, End: nodes.length - 1, Enter: Math.max(at, 0) }[key];
    if (to === undefined) return false;
    const node = nodes[Math.max(0, Math.min(nodes.length - 1, to))];
    this.cursor = node;
    node.setAttribute("data-cursor", "");
    node.scrollIntoView({ block: "nearest" });
    return true;
  }
}
