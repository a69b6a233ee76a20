// Where runs come from: the dashboard that serves this page, or the page itself when it is a report.

const embedded = document.getElementById("report");

/** A report shows one run and asks nobody. */
export const isReport = embedded !== null;

async function get(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

export async function cluster() {
  if (!isReport) return get("api/cluster");
  const { run } = JSON.parse(embedded.textContent);
  return { title: run.title, nodes: run.nodes, interval: 1, runs: [run] };
}

export const history = async (run, points) => (isReport ? JSON.parse(embedded.textContent) : get(`api/runs/${run}?points=${points}`));

/** Listens to what happens now. */
export function live({ tick, gap, lost }) {
  const events = new EventSource("api/live");
  let last = null;
  events.onmessage = (message) => {
    const id = Number(message.lastEventId);
    // The dashboard was started again, the connection was cut, or this page was too slow.
    const missed = last !== null && id !== last + 1 && id !== last;
    const known = id === last;
    last = id;
    if (missed) gap();
    if (!known) tick(JSON.parse(message.data));
  };
  events.onerror = lost;
}
