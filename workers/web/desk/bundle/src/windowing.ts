// Which rows of a long list are on the screen: heights are guessed until a row was seen, then measured.

export class Heights {
  #heights: number[] = [];
  #tops: number[] = [0];
  #valid = 0; // tops are right up to this index

  get count(): number {
    return this.#heights.length;
  }

  get total(): number {
    return this.top(this.count);
  }

  reset(heights: readonly number[]): void {
    this.#heights = [...heights];
    this.#tops = [0];
    this.#valid = 0;
  }

  height(index: number): number {
    return this.#heights[index] ?? 0;
  }

  top(index: number): number {
    for (let i = this.#valid; i < index; i += 1) this.#tops[i + 1] = (this.#tops[i] ?? 0) + (this.#heights[i] ?? 0);
    this.#valid = Math.max(this.#valid, Math.min(index, this.count));
    return this.#tops[index] ?? 0;
  }

  // Returns by how much the row grew.
  measure(index: number, height: number): number {
    const grown = height - this.height(index);
    if (grown !== 0) {
      this.#heights[index] = height;
      this.#valid = Math.min(this.#valid, index);
    }
    return grown;
  }

  // The row at a distance from the top of the list.
  at(y: number): number {
    let low = 0;
    let high = this.count;
    this.top(high);
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#tops[middle + 1] ?? 0) <= y) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, Math.min(low, this.count - 1));
  }

  visible(y: number, viewport: number, around: number): [first: number, last: number] {
    if (this.count === 0) return [0, -1];
    return [this.at(Math.max(0, y - around)), this.at(y + viewport + around)];
  }
}

// How high a row will be, from the number of its words: about 11 words a line of 72 characters.
export function guess(words: number, width: number): number {
  const perLine = Math.max(4, Math.floor(width / 62));
  return 96 + Math.ceil(words / perLine) * 27;
}
