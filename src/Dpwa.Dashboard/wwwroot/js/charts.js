// The charts of a run, and of another beside it.

import { bytes, number } from "./format.js";
import { LineChart } from "./lines.js";
import { COLOURS, theme } from "./theme.js";

export class Charts {
  #charts = { loss: new LineChart("loss", { fromZero: false }), consensus: new LineChart("consensus", { isLog: true }), spread: new LineChart("spread"), throughput: new LineChart("throughput"), failures: new LineChart("failures") };
  #colours = theme();

  /** Makes a chart logarithmic, or not. */
  toggle(name) {
    return (this.#charts[name].isLog = !this.#charts[name].isLog);
  }

  restyle() {
    this.#colours = theme();
    for (const chart of Object.values(this.#charts)) chart.restyle();
  }

  /** Draws a run, `other` dashed beside it, the last `span` seconds of it or all. */
  set(run, other, span, selected) {
    const to = Math.max(run.end, span ? 0 : other?.end ?? 0, 10);
    const from = span ? Math.max(0, run.end - span) : 0;
    const { accent, bad, series } = this.#colours;
    const hasSamples = run.cluster.samples.some((value) => value !== null);
    const rate = hasSamples ? "samples" : "steps";
    const one = (name, colour, of) => [
      { name: "this run", colour, points: run.points(run.cluster[name], of?.(run)), area: name !== "consensus" },
      ...this.#beside(other, name, of),
    ];
    const each = (of) => (value, i) => value / of.widths[i];
    this.#charts.loss.set([...this.#losses(run, selected), ...this.#beside(other, "loss")], from, to, "No loss has been told yet.");
    this.#charts.consensus.set(one("consensus", accent), from, to, "Two workers must run for a distance.");
    this.#charts.spread.set(one("spread", series[3]), from, to, "Two workers must run for a spread.");
    this.#charts.throughput.set(one(rate, series[2]), from, to, "Nothing is known yet.");
    this.#charts.failures.set(one("failed", bad, each), from, to, "Nothing is known yet.");
    const sub = (id, text) => (document.getElementById(id).textContent = text);
    sub("throughput-sub", `${hasSamples ? "Samples" : "Steps"} per second, all workers${last(run.cluster.bytes) === null ? "" : `; ${bytes(last(run.cluster.bytes))}/s received`}`);
    sub("loss-sub", run.nodes.size > COLOURS ? `Mean of ${run.nodes.size} workers, and each of them` : "Of each worker");
  }

  #losses(run, selected) {
    const nodes = [...run.nodes.values()];
    const { series, text } = this.#colours;
    const isMany = nodes.length > COLOURS;
    const lines = nodes.map((node, i) => ({
      name: node.name, points: run.points(node.loss), colour: isMany ? series[0] : series[i],
      width: node.name === selected ? 3 : isMany ? 1 : 1.8,
      opacity: selected ? (node.name === selected ? 1 : 0.2) : isMany ? 0.3 : 1,
      isQuiet: isMany && node.name !== selected,
    }));
    return isMany ? [...lines, { name: "mean", points: run.points(run.cluster.loss), colour: text, width: 2 }] : lines;
  }

  #beside(other, name, of) {
    return other ? [{ name: `run ${other.id}`, colour: this.#colours.soft, dashed: true, width: 1.6, points: other.points(other.cluster[name], of?.(other)) }] : [];
  }
}

const last = (values) => values.findLast((value) => value !== null) ?? null;
