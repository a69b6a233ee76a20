// Who exchanges with whom: nodes in a circle, and an edge that lights up with each exchange and fades.
// Three layers, each a canvas of its own, so that a frame draws only the edges that shine.

import * as echarts from "../vendor/echarts.js";
import { count } from "./format.js";
import { draw } from "./frame.js";
import { COLOURS, theme } from "./theme.js";

const FADE = 1100;
// So many have names in or below them; the names of more stand around the circle.
const FEW = 12;
const MOST_SHINING = 150;
const [PAST, SHINING, NODES] = ["past", "shining", "nodes"];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Graph {
  #chart;
  #empty;
  #colours = theme();
  #names = [];
  #shining = new Map();
  #isRunning = false;

  constructor(id, select) {
    const element = document.getElementById(id);
    const canvas = document.createElement("div");
    canvas.className = "fill";
    this.#empty = document.createElement("p");
    this.#empty.className = "empty";
    element.append(canvas, this.#empty);
    this.#chart = echarts.init(canvas, null, { renderer: "canvas" });
    this.#chart.on("click", ({ seriesId, name }) => seriesId === NODES && select(name));
    new ResizeObserver(() => this.#chart.resize()).observe(element);
  }

  /** Draws nodes ({ name, state }) and edges of the past ({ from, to, averaged, failed }). */
  set(nodes, edges, selected) {
    this.#empty.textContent = nodes.length === 0 ? "No workers." : "";
    this.#names = nodes.map((node) => node.name);
    const isMany = nodes.length > FEW;
    const most = Math.max(1, ...edges.map((edge) => edge.averaged));
    const { accent } = this.#colours;
    const links = edges.filter((edge) => edge.averaged > 0).map((edge) => ({
      source: edge.from, target: edge.to, value: edge.averaged,
      lineStyle: { color: accent, width: 0.6 + 1.4 * (edge.averaged / most), opacity: (isMany ? 0.08 : 0.16) + 0.14 * (edge.averaged / most) },
    }));
    this.#chart.setOption({
      animation: false,
      tooltip: {
        renderMode: "richText", confine: true, backgroundColor: this.#colours.card, borderColor: this.#colours.edge, textStyle: { color: this.#colours.text, fontFamily: this.#colours.font, fontSize: 12 },
        formatter: ({ dataType, name, data }) => (dataType === "node" ? `${name}: ${data.state}` : `${data.source} → ${data.target}: ${count(data.value)} averaged`),
      },
      series: [
        this.#layer(PAST, 0, { links, data: this.#hidden() }),
        this.#layer(SHINING, 1, { data: this.#hidden(), silent: true }),
        this.#layer(NODES, 2, { data: nodes.map((node, i) => this.#node(node, i, isMany, selected)), links: [] }),
      ],
    });
  }

  /** Lights up exchanges ({ from, to, ok, ago }) one after the other, as they were, within `interval` seconds. */
  shine(exchanges, nodes, interval) {
    const now = performance.now();
    for (const { from, to, ok, ago } of exchanges.slice(0, MOST_SHINING).reverse()) {
      const start = now + Math.max(0, interval - ago) * 1000;
      this.#shining.set(`${from}-${to}`, { source: nodes[from].name, target: nodes[to].name, ok, start: calm.matches ? now : start });
    }
    if (!this.#isRunning) this.#frame();
  }

  /** Nothing shines any more. */
  darken() {
    this.#shining.clear();
  }

  restyle() {
    this.#colours = theme();
  }

  #frame() {
    const now = performance.now();
    for (const [key, edge] of this.#shining) if (now - edge.start > FADE) this.#shining.delete(key);
    this.#isRunning = this.#shining.size > 0;
    const lit = [...this.#shining.values()].filter((edge) => edge.start <= now);
    this.#chart.getDom().parentElement.dataset.lit = lit.length;
    this.#chart.setOption({ series: [{ id: SHINING, links: lit.map((edge) => this.#light(edge, (now - edge.start) / FADE)) }] }, { lazyUpdate: false, silent: true });
    if (this.#isRunning) calm.matches ? setTimeout(() => draw("shining", () => this.#frame()), FADE) : draw("shining", () => this.#frame());
  }

  #light(edge, age) {
    const strength = calm.matches ? 0.8 : (1 - age) ** 1.5;
    return {
      source: edge.source, target: edge.target,
      lineStyle: { color: edge.ok ? this.#colours.accent : this.#colours.bad, width: 1.5 + 2 * strength, opacity: strength, type: edge.ok ? "solid" : "dashed" },
    };
  }

  #layer(id, zlevel, more) {
    const isMany = this.#names.length > FEW;
    const margin = isMany ? 46 : 30;
    return {
      type: "graph", id, zlevel, preserveAspect: true, layout: isMany ? "circular" : "none", circular: { rotateLabel: true }, left: margin, right: margin, top: margin, bottom: margin,
      roam: false, draggable: false, edgeSymbol: ["none", "arrow"], edgeSymbolSize: isMany ? 4 : 8, lineStyle: { curveness: 0.14 }, emphasis: { disabled: true }, ...more,
    };
  }

  #size() {
    const n = this.#names.length;
    return n > 32 ? 12 : n > FEW ? 18 : this.#isShort() ? 42 : 26;
  }

  #isShort() {
    return this.#names.every((name) => name.length <= 5);
  }

  // Clockwise from the top.
  #place(i) {
    const angle = (2 * Math.PI * i) / this.#names.length - Math.PI / 2;
    return { x: Math.round(1000 * Math.cos(angle)), y: Math.round(1000 * Math.sin(angle)) };
  }

  #hidden() {
    return this.#names.map((name, i) => ({ name, ...this.#place(i), symbolSize: this.#size(), itemStyle: { opacity: 0 }, label: { show: false } }));
  }

  #node({ name, state }, i, isMany, selected) {
    const { series, bad, soft, card, text, font } = this.#colours;
    const isInside = !isMany && this.#isShort();
    const isDown = state === "silent";
    const isHollow = state === "waiting" || state === "left";
    const colour = isDown ? bad : isHollow ? soft : this.#names.length > COLOURS ? series[0] : series[i];
    return {
      name, ...this.#place(i), state: state === "silent" ? "no answer" : state, symbol: isDown ? "roundRect" : "circle", symbolSize: this.#size(),
      itemStyle: { color: isHollow ? card : colour, borderColor: name === selected ? text : isHollow ? colour : card, borderWidth: isHollow || name === selected ? 2.5 : 2 },
      label: {
        show: true, position: isInside ? "inside" : isMany ? undefined : "bottom", fontFamily: font, fontSize: this.#names.length > 32 ? 9 : 12, fontWeight: isInside ? 600 : 400,
        color: isInside && !isHollow ? card : isDown ? bad : text, formatter: isDown && isInside ? "✕ {b}" : "{b}",
      },
    };
  }
}
