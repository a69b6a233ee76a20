// The event log, newest first.

import { time } from "./format.js";

const MOST = 200;

export class Events {
  #list = document.getElementById("events");
  #empty = document.getElementById("no-events");

  /** Shows those of a run. */
  set(events) {
    this.#list.replaceChildren(...events.slice(-MOST).reverse().map(line));
    this.#empty.hidden = events.length > 0;
  }

  /** Puts new ones in front. */
  add(events) {
    if (events.length === 0) return;
    this.#list.prepend(...events.map(line).reverse());
    while (this.#list.childElementCount > MOST) this.#list.lastElementChild.remove();
    this.#empty.hidden = true;
  }
}

function line(event) {
  const item = document.createElement("li");
  item.dataset.kind = event.kind;
  const when = document.createElement("time");
  when.dateTime = event.at;
  when.title = new Date(event.at).toLocaleString();
  when.textContent = time(event.t);
  const what = document.createElement("span");
  what.className = "what";
  const who = document.createElement("b");
  who.textContent = event.node;
  what.append(who, ` ${event.text}`);
  item.append(when, what);
  return item;
}
