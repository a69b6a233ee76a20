// The figures at the top.

import { bytes, count, number } from "./format.js";

const MINUTE = 60;

export class Tiles {
  #tiles;

  constructor() {
    const names = ["Workers", "Mean loss", "Consensus distance", "Clock spread", "Throughput", "Failures, last minute"];
    this.#tiles = names.map((name) => {
      const tile = document.createElement("div");
      tile.innerHTML = "<dt></dt><dd><span class=value></span> <span class=unit></span></dd><dd class=more></dd>";
      tile.firstChild.textContent = name;
      return tile;
    });
    document.getElementById("tiles").replaceChildren(...this.#tiles);
  }

  /** Shows the last of a run; `nodes` as they are shown. */
  set(run, nodes, isPast) {
    const last = (values) => values.findLast((value) => value !== null) ?? null;
    const first = (values) => values.find((value) => value !== null) ?? null;
    const now = (name) => (isPast ? last(run.cluster[name]) : run.cluster[name].at(-1) ?? null);
    const c = run.cluster;
    const running = isPast ? Math.max(0, ...c.running) : now("running") ?? 0;
    const silent = nodes.filter((node) => node.state === "silent").map((node) => node.name);
    const samples = now("samples");
    const [failed, averaged] = [this.#recent(run, c.failed), this.#recent(run, c.averaged)];
    this.#tile(0, running, `of ${nodes.length}`, silent.length > 0 ? `no answer: ${silent.join(", ")}` : isPast ? "when it ran" : running === nodes.length && running > 0 ? "all running" : "", silent.length > 0);
    this.#tile(1, number(now("loss")), "", first(c.loss) === null ? "" : `began at ${number(first(c.loss))}`);
    this.#tile(2, number(now("consensus")), "", c.consensus.every((value) => value === null) ? "" : `at most ${number(Math.max(...c.consensus))}`);
    this.#tile(3, number(now("spread")), "steps", c.spread.every((value) => value === null) ? "" : `at most ${number(Math.max(...c.spread))}`);
    this.#tile(4, number(samples ?? now("steps")), samples === null ? "steps/s" : "samples/s", now("bytes") === null ? "" : `${bytes(now("bytes"))}/s received`);
    this.#tile(5, count(failed), "", `${count(averaged)} averaged`, failed > 0);
  }

  #recent(run, values) {
    let sum = 0;
    for (let i = values.length - 1; i >= 0 && run.times[i] > run.end - MINUTE; i--) sum += values[i] ?? 0;
    return sum;
  }

  #tile(i, value, unit, more, isBad = false) {
    const tile = this.#tiles[i];
    const texts = [[".value", String(value)], [".unit", unit], [".more", more]];
    for (const [where, text] of texts) {
      const element = tile.querySelector(where);
      if (element.textContent !== text) element.textContent = text;
    }
    tile.classList.toggle("bad", isBad);
    tile.querySelector(".more").title = more;
  }
}
