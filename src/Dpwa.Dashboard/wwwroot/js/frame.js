// Draws once an animation frame, however often something changes; and not at all while nobody looks.

const waiting = new Map();
let asked = false;

/** Draws `name` in the next frame. Of several wishes for one name the last counts. */
export function draw(name, how) {
  waiting.set(name, how);
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const all = [...waiting.values()];
    waiting.clear();
    for (const one of all) one();
  });
}
