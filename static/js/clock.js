// Measure how long a task was worked on: the page visible and some input within the last 30 seconds.
const IDLE_AFTER = 30_000;
const TICK = 500;
const INPUTS = ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "touchstart"];

let field = null;
let active = 0;
let lastInput = performance.now();
let lastTick = lastInput;

function tick() {
  const now = performance.now();
  const elapsed = Math.min(now - lastTick, IDLE_AFTER);
  lastTick = now;
  const current = document.querySelector("#answer [name=active_ms]");
  if (current !== field) {
    field = current;
    active = Number(current?.value) || 0;
    lastInput = now;
    return;
  }
  if (!field || document.visibilityState !== "visible" || now - lastInput > IDLE_AFTER) return;
  active += elapsed;
  field.value = Math.round(active);
}

for (const name of INPUTS) {
  document.addEventListener(name, () => { lastInput = performance.now(); }, { capture: true, passive: true });
}
document.addEventListener("submit", tick, true);
setInterval(tick, TICK);
tick();
