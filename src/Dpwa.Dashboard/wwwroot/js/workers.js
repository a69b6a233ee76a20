// The table of workers. Rows stay; only text that differs is written.

import { bytes, count, number } from "./format.js";
import { COLOURS } from "./theme.js";

const STATES = { running: "running", silent: "no answer", left: "has left", waiting: "not seen yet", past: "" };
const COLUMNS = ["Worker", "State", "Step", "Clock", "Loss", "Steps/s", "Received/s", "Averaged", "Failed", "Score", "Last error"];

export class Workers {
  #body = document.querySelector("#workers tbody");
  #rows = new Map();
  #select;

  constructor(select) {
    this.#select = select;
  }

  /** Shows nodes as a moment has them. */
  set(nodes, selected) {
    const hasSamples = nodes.some((node) => node.samples !== null && node.samples !== undefined);
    const head = hasSamples ? "Samples/s" : "Steps/s";
    write(document.getElementById("rate-head"), head);
    for (const [name, row] of this.#rows) {
      if (nodes.some((node) => node.name === name)) continue;
      row.remove();
      this.#rows.delete(name);
    }
    nodes.forEach((node, i) => {
      const row = this.#row(node.name, nodes.length > COLOURS ? 0 : i);
      if (row.dataset.state !== node.state) row.dataset.state = node.state;
      const isSelected = String(node.name === selected);
      if (row.ariaSelected !== isSelected) row.ariaSelected = isSelected;
      row.cells[5].dataset.label = head;
      const values = [
        STATES[node.state], count(node.step), number(node.clock), number(node.loss), number(hasSamples ? node.samples : node.steps), bytes(node.bytes), count(node.averaged), count(node.failed), count(node.score),
        node.error ?? "",
      ];
      values.forEach((value, column) => write(row.cells[column + 1], value));
    });
  }

  #row(name, colour) {
    const known = this.#rows.get(name);
    if (known) return known;
    const row = this.#body.insertRow();
    this.#rows.set(name, row);
    row.dataset.worker = name;
    row.tabIndex = 0;
    row.onclick = () => this.#select(name);
    row.onkeydown = (key) => key.key === "Enter" && this.#select(name);
    for (const label of COLUMNS) row.insertCell().dataset.label = label;
    row.cells[0].className = "name";
    row.cells[1].className = "state";
    row.cells[10].className = "text";
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.style.setProperty("--color", `var(--s${colour})`);
    row.cells[0].append(mark, name);
    return row;
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
