// Line charts over the time of a run.

import * as echarts from "../vendor/echarts.js";
import { number, time, timeStep } from "./format.js";
import { theme } from "./theme.js";

export class LineChart {
  #chart;
  #empty;
  #colours;
  #format;
  #fromZero;
  #element;
  #lines = [];
  #range = [0, 1];

  constructor(id, { format = number, fromZero = true, isLog = false } = {}) {
    this.#element = document.getElementById(id);
    this.#format = format;
    this.#empty = document.createElement("p");
    this.#empty.className = "empty";
    const canvas = document.createElement("div");
    canvas.className = "fill";
    this.#element.append(canvas, this.#empty);
    this.#chart = echarts.init(canvas, null, { renderer: "canvas" });
    new ResizeObserver(() => this.resize()).observe(this.#element);
    this.isLog = isLog;
    this.#fromZero = fromZero;
    this.restyle();
  }

  resize() {
    this.#chart.resize();
    this.#chart.setOption({ xAxis: this.#xAxis() });
  }

  /** Draws lines ({ name, points, colour, width, dashed, opacity, isQuiet, area }) from `from` to `to` seconds. */
  set(lines, from, to, empty) {
    this.#lines = lines;
    this.#range = [from, to];
    const isEmpty = !lines.some((line) => line.points.some(([t, value]) => value !== null && t >= from));
    this.#empty.textContent = isEmpty ? empty : "";
    this.#chart.setOption({ xAxis: this.#xAxis(), yAxis: this.#yAxis(), series: lines.map((line) => this.#series(line)) }, { replaceMerge: ["series"] });
  }

  /** Takes the colours of now. */
  restyle() {
    const colours = (this.#colours = theme());
    const text = { color: colours.soft, fontFamily: colours.font, fontSize: 11 };
    this.#chart.setOption({
      animation: false,
      textStyle: text,
      grid: { left: 8, right: 14, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colours.card, borderColor: colours.edge, padding: [6, 10],
        textStyle: { color: colours.text, fontFamily: colours.font, fontSize: 12 },
        axisPointer: { type: "line", lineStyle: { color: colours.soft, type: "dashed" }, label: { show: false } },
        valueFormatter: (value) => this.#format(value),
      },
      xAxis: { type: "value", axisLine: { lineStyle: { color: colours.edge } }, axisTick: { show: false }, splitLine: { show: false }, axisLabel: { ...text, formatter: time, showMaxLabel: false }, axisPointer: { label: { formatter: ({ value }) => time(value) } } },
      yAxis: this.#yAxis(),
    });
  }

  // All of it each time: an axis that becomes logarithmic is another one.
  #yAxis() {
    const { soft, font, grid } = this.#colours;
    return {
      type: this.isLog ? "log" : "value", scale: !this.#fromZero, splitNumber: 4, axisLine: { show: false }, axisTick: { show: false }, minorTick: { show: false },
      splitLine: { lineStyle: { color: grid } }, axisLabel: { color: soft, fontFamily: font, fontSize: 11, formatter: (value) => this.#format(value) },
    };
  }

  #xAxis() {
    const [min, max] = this.#range;
    return { min, max, interval: timeStep(max - min, Math.max(2, Math.floor(this.#element.clientWidth / 80))) };
  }

  #series(line) {
    // No logarithm of nothing.
    const points = this.isLog ? line.points.map(([t, value]) => [t, value > 0 ? value : null]) : line.points;
    return {
      type: "line", name: line.name, data: points, showSymbol: false, symbol: "circle", connectNulls: false, silent: line.isQuiet ?? false,
      sampling: points.length > 800 ? "lttb" : undefined,
      step: line.step, z: line.isQuiet ? 2 : 3,
      color: line.colour,
      lineStyle: { width: line.width ?? 1.8, type: line.dashed ? "dashed" : "solid", opacity: line.opacity ?? 1 },
      areaStyle: line.area ? { opacity: 0.12 } : undefined,
      tooltip: { show: !line.isQuiet },
      emphasis: { disabled: true },
    };
  }
}
