// Bars of lengths of time, drawn with D3. What they show stands in a table beside them, so screen readers skip them.

import { axisTop } from "d3-axis";
import { scaleLinear } from "d3-scale";
import { select } from "d3-selection";

import { length } from "./clock";
import { t } from "./text";

export interface Bar {
  name: string;
  ms: number;
  kind: string; // names the colour
  pick?: () => void;
}

const AXIS = 22;
const ROW = 42;
const THICK = 12;
const STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 18_000, 36_000, 86_400, 360_000];

// Round lengths for the axis: at most five of them.
export function ticks(longestMs: number): number[] {
  const step = 1000 * (STEPS_S.find((each) => longestMs / (1000 * each) <= 5) ?? 360_000);
  return Array.from({ length: Math.floor(longestMs / step) + 1 }, (_, index) => index * step);
}

export function short(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s === 0) return "0";
  if (s < 60) return t("axis.seconds", { s });
  return s < 3600 || s % 3600 ? t("axis.minutes", { m: Math.round(s / 60) }) : t("axis.hours", { h: s / 3600 });
}

// Draw into a box as wide as it is, again whenever its width changes.
export class Bars {
  #bars: Bar[] = [];
  #width = 0;

  constructor(private readonly box: HTMLElement) {
    new ResizeObserver(() => {
      if (box.clientWidth !== this.#width) this.#draw();
    }).observe(box);
  }

  show(bars: Bar[]): void {
    this.#bars = bars;
    this.#draw();
  }

  #draw(): void {
    const width = (this.#width = this.box.clientWidth);
    if (!width || !this.#bars.length) return this.box.replaceChildren();
    const height = AXIS + this.#bars.length * ROW;
    const longest = Math.max(...this.#bars.map((bar) => bar.ms), 1000);
    const x = scaleLinear([0, longest], [0, width - 2]);
    const svg = select(this.box)
      .selectAll<SVGSVGElement, null>("svg")
      .data([null])
      .join("svg")
      .attr("class", "bars")
      .attr("viewBox", `0 0 ${width} ${height}`)
      .attr("width", width)
      .attr("height", height)
      .attr("aria-hidden", "true");
    const marks = ticks(longest).filter((ms) => x(ms) < width - 20);
    svg
      .selectAll<SVGGElement, null>("g.axis")
      .data([null])
      .join("g")
      .attr("class", "axis")
      .attr("transform", `translate(1,${AXIS})`)
      .call((axis) =>
        axisTop(x)
          .tickValues(marks)
          .tickFormat((ms) => short(Number(ms)))
          .tickSizeOuter(0)
          .tickSizeInner(-(height - AXIS))(axis),
      )
      .selectAll(".tick text")
      .attr("y", -8)
      .attr("text-anchor", (_, index) => (index ? "middle" : "start"));
    const row = svg
      .selectAll<SVGGElement, Bar>("g.row")
      .data(this.#bars, (bar) => bar.name)
      .join((enter) => {
        const made = enter.append("g").attr("class", "row");
        made.append("rect").attr("class", "hit").attr("height", ROW);
        made.append("text").attr("class", "name").attr("y", 18);
        made.append("text").attr("class", "value").attr("y", 18).attr("text-anchor", "end");
        made.append("rect").attr("y", 25).attr("height", THICK).attr("rx", 2).attr("x", 1);
        return made;
      })
      .attr("transform", (_, index) => `translate(0,${AXIS + index * ROW})`)
      .classed("picks", (bar) => Boolean(bar.pick))
      .on("click", (_, bar) => bar.pick?.());
    row.select("rect.hit").attr("width", width);
    row
      .select<SVGTextElement>("text.name")
      .text((bar) => bar.name)
      .each(function (bar) {
        fit(this, bar.name, width - 96);
      });
    row.select("text.value").attr("x", width - 2).text((bar) => length(bar.ms));
    row
      .select("rect:not(.hit)")
      .attr("class", (bar) => `kind-${bar.kind}`)
      .attr("width", (bar) => Math.max(1, x(bar.ms)));
  }
}

// Shorten a name that is wider than its room; the table has it whole.
function fit(node: SVGTextElement, name: string, room: number): void {
  for (let kept = name.length; kept > 3 && node.getComputedTextLength() > room; kept = Math.floor(kept * 0.9)) {
    node.textContent = `${name.slice(0, kept).trimEnd()}…`;
  }
}
