// Puts the page together: a run is chosen, its past is loaded, and what happens now is added.

import { Charts } from "./charts.js";
import { Events } from "./events.js";
import { count, duration } from "./format.js";
import { draw } from "./frame.js";
import { Graph } from "./graph.js";
import { Run } from "./run.js";
import * as source from "./source.js";
import { onTheme } from "./theme.js";
import { Tiles } from "./tiles.js";
import { Workers } from "./workers.js";

const find = (id) => document.getElementById(id);
const [tiles, charts, events] = [new Tiles(), new Charts(), new Events()];
const [graph, workers] = [new Graph("exchanges", select), new Workers(select)];
let cluster = { title: "", nodes: [], runs: [], interval: 1 };
let run = null, other = null, current = null, selected = null;
let isLost = false, loading = 0;
let pending = [];

const nothing = () => new Run({
  run: { id: null, nodes: cluster.nodes }, width: 1, times: [], edges: [], events: [], nodes: cluster.nodes.map((name) => ({ name, loss: [], clock: [] })),
  cluster: { running: [], loss: [], consensus: [], spread: [], steps: [], samples: [], bytes: [], averaged: [], failed: [] },
});

const isPast = () => run.id !== current || source.isReport;
const load = async (id) => new Run(await source.history(id, innerWidth < 700 || cluster.nodes.length > 16 ? 300 : 600));

function nodesOf() {
  if (!isPast() && run.last) return run.last.nodes;
  const last = (values) => values.findLast((value) => value !== null) ?? null;
  return [...run.nodes.values()].map((node) => ({ name: node.name, state: run.id === null ? "waiting" : "past", clock: last(node.clock), loss: last(node.loss) }));
}

function show() {
  const nodes = nodesOf();
  tiles.set(run, nodes, isPast());
  charts.set(run, other, Number(find("span").value), selected);
  graph.set(nodes, [...run.edges.values()], selected);
  workers.set(nodes, selected);
  const [averaged, failed] = [...run.edges.values()].reduce(([a, f], edge) => [a + edge.averaged, f + edge.failed], [0, 0]);
  find("exchanges-sub").textContent = averaged + failed === 0 ? "No exchange has been seen yet" : `${count(averaged)} averaged, ${count(failed)} failed`;
  say();
}

function say() {
  const isLive = !isPast() && run.last?.cluster.running > 0;
  const [state, text] = source.isReport ? ["report", "Report"] : isLost ? ["lost", "The dashboard does not answer"] : current === null ? ["waiting", "Waiting for workers"]
    : isPast() ? ["past", "A past run"] : isLive ? ["live", "Live"] : ["waiting", "No worker answers"];
  if (find("live").dataset.state !== state) find("live").dataset.state = state;
  if (find("live").textContent !== text) find("live").textContent = text;
  const notice = find("notice");
  notice.hidden = source.isReport || run.id !== null;
  if (!notice.hidden) notice.textContent = "No worker answers yet. This page begins to show the run with the first that does; start them with “dpwa run”, or each by itself.";
}

function select(name) {
  selected = selected === name ? null : name;
  draw("all", show);
}

function fill() {
  const when = (one) => new Date(one.started).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const name = (one) => (one.id === current ? `now, since ${when(one)}` : `${one.id}: ${when(one)}, ${duration((new Date(one.ended) - new Date(one.started)) / 1000)}`);
  const options = (runs) => runs.map((one) => new Option(name(one), one.id));
  find("run").replaceChildren(...(cluster.runs.length > 0 ? options(cluster.runs) : [new Option("none yet", "")]));
  find("run").value = run.id ?? "";
  find("other").replaceChildren(new Option("with none", ""), ...options(cluster.runs.filter((one) => one.id !== run.id)));
  find("other").value = other?.id ?? "";
  for (const id of ["run", "other"]) find(id).disabled = find(id).options.length < 2;
}

/** Shows another run; what is told meanwhile is added when its past has come. */
async function open(id) {
  const number = ++loading;
  const next = await load(id);
  if (number !== loading) return;
  loading = 0;
  run = next;
  if (other?.id === run.id) other = null;
  const last = pending.filter((tick) => tick.run === run.id);
  pending = [];
  // Its events are in the past already, unless they are newer than that.
  for (const tick of last) run.add({ ...tick, events: tick.events.filter((event) => event.t > (run.events.at(-1)?.t ?? -1)), exchanges: [] });
  graph.darken();
  events.set(run.events);
  fill();
  draw("all", show);
}

async function refresh() {
  cluster = await source.cluster();
  find("title").textContent = cluster.title;
  document.title = `${cluster.title} · Dpwa`;
  run ??= nothing();
  fill();
}

async function begin(id) {
  const follows = run.id === null || run.id === current;
  current = id;
  await refresh();
  if (follows) await open(id);
}

function told(tick) {
  isLost = false;
  if (tick.run !== null && tick.run !== current) {
    pending.push(tick);
    begin(tick.run).catch(gone);
  } else if (loading > 0) {
    pending.push(tick);
  } else if (run.id === tick.run) {
    run.add(tick);
    events.add(tick.events);
    // A page that nobody sees gets no frames; it keeps up all the same.
    if (!document.hidden) graph.shine(tick.exchanges, tick.nodes, cluster.interval);
    draw("all", show);
  } else {
    if (run.id === null) run.last = tick;
    draw("all", show);
  }
}

function gone() {
  isLost = true;
  loading = 0;
  draw("all", show);
}

for (const button of document.querySelectorAll("button.log")) {
  button.onclick = () => {
    button.ariaPressed = String(charts.toggle(button.dataset.chart));
    draw("all", show);
  };
}

find("span").onchange = () => draw("all", show);
find("run").onchange = (change) => open(Number(change.target.value)).catch(gone);
find("other").onchange = async (change) => {
  other = change.target.value ? await load(Number(change.target.value)) : null;
  draw("all", show);
};
onTheme(() => {
  charts.restyle();
  graph.restyle();
  draw("all", show);
});

await refresh();
if (cluster.runs.length > 0) await open(cluster.runs[0].id);
draw("all", show);
if (!source.isReport) source.live({ tick: told, lost: gone, gap: () => run.id === current && open(run.id).catch(gone) });
