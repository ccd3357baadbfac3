// The meeting as a strip of the clock: whose floor it was when. The log says the same in words, so screen readers skip it.

import { axisBottom } from "d3-axis";
import { scaleLinear } from "d3-scale";
import { select } from "d3-selection";

import { clock } from "./clock";

export interface Stretch {
  key: string;
  startMs: number;
  endMs: number;
  kind: string; // names the colour
  title: string;
}

const HEIGHT = 34;
const AXIS = 22;
const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480];

function moments(endMs: number, width: number): number[] {
  const room = Math.max(2, Math.floor(width / 90));
  const step = 60_000 * (STEPS_MIN.find((each) => endMs / (60_000 * each) <= room) ?? 1440);
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, index) => index * step);
}

export class Strip {
  #stretches: Stretch[] = [];
  #endMs = 0;
  #width = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly go: (ms: number) => void,
  ) {
    new ResizeObserver(() => {
      if (box.clientWidth !== this.#width) this.#draw();
    }).observe(box);
  }

  show(stretches: Stretch[], endMs: number): void {
    this.#stretches = stretches;
    this.#endMs = endMs;
    this.#draw();
  }

  #draw(): void {
    const width = (this.#width = this.box.clientWidth);
    if (!width || !this.#endMs) return this.box.replaceChildren();
    const x = scaleLinear([0, this.#endMs], [0, width]).clamp(true);
    const svg = select(this.box)
      .selectAll<SVGSVGElement, null>("svg")
      .data([null])
      .join((enter) => {
        const made = enter.append("svg").attr("class", "strip").attr("aria-hidden", "true");
        made.append("rect").attr("class", "ground").attr("height", HEIGHT).attr("rx", 4);
        made.append("g").attr("class", "axis").attr("transform", `translate(0,${HEIGHT})`);
        return made;
      })
      .attr("viewBox", `0 0 ${width} ${HEIGHT + AXIS}`)
      .attr("width", width)
      .attr("height", HEIGHT + AXIS)
      .on("click", (event: MouseEvent) => this.go(Math.round(x.invert(event.clientX - this.box.getBoundingClientRect().left))));
    svg.select("rect.ground").attr("width", width);
    svg
      .selectAll<SVGRectElement, Stretch>("rect.stretch")
      .data(this.#stretches, (item) => item.key)
      .join((enter) => {
        const made = enter.append("rect");
        made.append("title");
        return made;
      })
      .attr("class", (item) => `stretch kind-${item.kind}`)
      .attr("height", HEIGHT)
      .attr("x", (item) => x(item.startMs))
      .attr("width", (item) => Math.max(1.5, x(item.endMs) - x(item.startMs) - 0.75))
      .select("title")
      .text((item) => item.title);
    svg
      .select<SVGGElement>("g.axis")
      .call(axisBottom(x).tickValues(moments(this.#endMs, width)).tickFormat((ms) => clock(Number(ms))).tickSizeOuter(0))
      .selectAll<SVGTextElement, number>(".tick text")
      .attr("text-anchor", (ms) => (x(ms) < 24 ? "start" : x(ms) > width - 24 ? "end" : "middle"));
  }
}
