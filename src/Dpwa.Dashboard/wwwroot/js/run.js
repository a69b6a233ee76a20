// A run as the page knows it: what is kept of it, and what came since.

const MOST = 1500;
const CLUSTER = ["running", "loss", "consensus", "spread", "steps", "samples", "bytes", "averaged", "failed"];

export class Run {
  constructor(history) {
    this.summary = history.run;
    this.times = history.times;
    this.widths = history.times.map(() => history.width);
    this.cluster = history.cluster;
    this.nodes = new Map(history.nodes.map((node) => [node.name, node]));
    this.edges = new Map(history.edges.map((edge) => [`${edge.from}→${edge.to}`, edge]));
    this.events = history.events;
    this.last = null;
  }

  get id() {
    return this.summary.id;
  }

  get end() {
    return this.times.length === 0 ? 0 : this.times.at(-1);
  }

  /** Adds a moment that is not in the history yet. */
  add(tick) {
    const before = this.last;
    this.last = tick;
    this.events.push(...tick.events);
    if (this.events.length > 2000) this.events.splice(0, this.events.length - 2000);
    for (const { from, to, ok } of tick.exchanges) {
      const [source, target] = [tick.nodes[from].name, tick.nodes[to].name];
      const key = `${source}→${target}`;
      const edge = this.edges.get(key) ?? { from: source, to: target, averaged: 0, failed: 0 };
      this.edges.set(key, edge);
      if (ok) edge.averaged++; else edge.failed++;
    }
    if (tick.t <= this.end && this.times.length > 0) return;
    // As wide as since the moment before, not as since the dashboard was last off.
    this.widths.push(Math.min(Math.max(before ? tick.t - before.t : 1, 0.5), 10));
    this.times.push(tick.t);
    for (const name of CLUSTER) this.cluster[name].push(tick.cluster[name]);
    for (const node of tick.nodes) {
      const series = this.nodes.get(node.name) ?? this.#join(node.name);
      const runs = node.state === "running";
      series.loss.push(runs ? node.loss : null);
      series.clock.push(runs ? node.clock : null);
    }
    if (this.times.length > MOST) this.#thin();
  }

  /** A series as points: pairs of time and value. */
  points(values, of = (value) => value) {
    return values.map((value, i) => [this.times[i], value === null ? null : of(value, i)]);
  }

  #join(name) {
    const nothing = () => Array(this.times.length - 1).fill(null);
    const series = { name, loss: nothing(), clock: nothing() };
    this.nodes.set(name, series);
    return series;
  }

  // Of the older half each second point goes.
  #thin() {
    const half = MOST / 2;
    const keep = (list) => list.filter((_, i) => i >= half || i % 2 === 0);
    this.times = keep(this.times);
    this.widths = keep(this.widths);
    for (const name of CLUSTER) this.cluster[name] = keep(this.cluster[name]);
    for (const series of this.nodes.values()) {
      series.loss = keep(series.loss);
      series.clock = keep(series.clock);
    }
  }
}
