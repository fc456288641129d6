// The desk's keys and its one form. A key presses what the page shows; without this script everything still works.
const OFF = "steelyard.single-keys-off";
const NARROW = matchMedia("(max-width: 56rem)");
const NATIVE = "a, button, summary, input, select";
const EDITABLE = "textarea, select, input:not([type=radio]):not([type=checkbox]), [contenteditable]";

const form = () => document.getElementById("answer");
const criteria = () => [...form().querySelectorAll("[data-criterion]")];
const marks = (criterion) => [...criterion.querySelectorAll("input[data-key]")];
const chosen = (criterion) => marks(criterion).find((mark) => mark.checked);
const current = () => form().querySelector("[data-criterion].is-active") ?? criteria()[0];
const areKeysOff = () => localStorage.getItem(OFF) === "1";

function refuse(message) {
  form().querySelector("[data-role=refusal]").textContent = message;
}

function activate(criterion) {
  for (const each of criteria()) each.classList.toggle("is-active", each === criterion);
  document.querySelectorAll("[data-act=criterion]").forEach((button, place) => {
    button.setAttribute("aria-pressed", String(criteria()[place] === criterion));
  });
}

function choose(mark) {
  mark.checked = mark.type === "radio" || !mark.checked;
  mark.dispatchEvent(new Event("change", { bubbles: true }));
}

function onChoice(event) {
  if (form()?.contains(event.target) && event.target.matches?.("input")) remember();
  const criterion = event.target.closest("[data-criterion]");
  if (!criterion || !form()) return;
  criterion.classList.remove("is-error");
  refuse("");
  // Several labels may apply: the person goes on, not the desk.
  if (onLabel(event.target)) return activate(criterion);
  activate(criteria().find((each) => !chosen(each)) ?? criterion);
}

// A label that was just marked takes the arrows for its severity; “none of these” stands alone.
function onLabel(mark) {
  const label = mark.closest(".label");
  if (!label) return false;
  const criterion = mark.closest("[data-criterion]");
  criterion.querySelectorAll(".label.is-last").forEach((each) => each.classList.remove("is-last"));
  label.classList.add("is-last");
  if (mark.type !== "checkbox" || !mark.checked) return label.querySelector(".severity") !== null;
  for (const other of marks(criterion)) {
    if (other !== mark && (mark.dataset.key === "0" || other.dataset.key === "0")) other.checked = false;
  }
  return true;
}

const severities = (label) => [...label.querySelectorAll(".severity input")];
const isWithoutSeverity = (label) =>
  label.querySelector("input[data-key]").checked && severities(label).length > 0 && !severities(label).some((mark) => mark.checked);

function moveSeverity(step) {
  const label = current().querySelector(".label.is-last:has(input[data-key]:checked)");
  const line = label ? severities(label) : [];
  if (!line.length) return refuse("Mark a label first. The arrows then say how severe it is.");
  const from = line.findIndex((mark) => mark.checked);
  choose(line[Math.max(0, Math.min(line.length - 1, from + step))]);
}

function move(step) {
  if (current().querySelector(".label")) return moveSeverity(step);
  const line = marks(current()).filter((mark) => mark.dataset.key !== "0");
  const from = line.findIndex((mark) => mark.checked);
  const start = from >= 0 ? from : (line.length - 1) / 2;
  const next = step > 0 ? Math.floor(start + 1) : Math.ceil(start - 1);
  choose(line[Math.max(0, Math.min(line.length - 1, next))]);
}

function changeCriterion(step) {
  const all = criteria();
  activate(all[Math.max(0, Math.min(all.length - 1, all.indexOf(current()) + step))]);
}

function pressDigit(digit) {
  const criterion = current();
  const mark = marks(criterion).find((each) => each.dataset.key === digit);
  if (mark) choose(mark);
  else refuse(`${criterion.dataset.name} takes ${menu(criterion)}.`);
}

function menu(criterion) {
  const keys = marks(criterion).map((mark) => mark.dataset.key);
  const line = keys.filter((key) => key > "0");
  return `1 to ${line.length}${keys.includes("0") ? ", or 0" : ""}`;
}

function pressTie() {
  const tie = marks(current()).find((mark) => mark.value === "tie");
  if (tie) choose(tie);
  else refuse(`${current().dataset.name} offers no tie.`);
}

function pressButton(key) {
  const button = [...document.querySelectorAll("button[data-key]")].find((each) => each.dataset.key === key);
  if (!button?.checkVisibility()) return false;
  button.click();
  // The toggle event comes a moment later: what is typed until then must not be lost.
  focusFirst(button.popoverTargetElement);
  return true;
}

function focusFirst(box) {
  box?.querySelector("textarea, input:not([type=hidden])")?.focus();
}

// A person's own keys: the page speaks of the usual ones, the caps show those in force.
const keyMap = () => JSON.parse(document.getElementById("task").dataset.keys);

function canonical(key) {
  const map = keyMap();
  const usual = Object.keys(map).find((each) => map[each] === key);
  return usual ?? (key in map ? "" : key);
}

function showCaps() {
  const map = keyMap();
  for (const cap of document.querySelectorAll("#task kbd")) {
    cap.dataset.usual ??= cap.textContent;
    if (!(cap.dataset.usual in map)) continue;
    cap.textContent = map[cap.dataset.usual];
    cap.hidden = !cap.textContent;
  }
}

function onKey(event) {
  if (!form() && canonical(event.key) === "u" && !areKeysOff()) return void pressButton("u");
  if (!form() || event.isComposing) return;
  if (isUndo(event)) return undo(event);
  if (event.ctrlKey || event.altKey || event.metaKey) return submitFromText(event);
  // A box that has just closed holds the focus for a moment: a key pressed then is for the page.
  if (event.target.closest(EDITABLE)?.checkVisibility() || document.querySelector(":popover-open")) return;
  if (event.key === "Enter") return submitFromPage(event);
  if (actOn(canonical(event.key))) event.preventDefault();
}

function actOn(key) {
  if (key === "ArrowLeft" || key === "ArrowRight") return move(key === "ArrowLeft" ? -1 : 1), true;
  if (key === "ArrowUp" || key === "ArrowDown") return onCriteria(key === "ArrowUp" ? -1 : 1);
  if (areKeysOff()) return false;
  if (/^[0-9]$/.test(key)) return pressDigit(key), true;
  if (key === "t") return pressTie(), true;
  if (key === "u") return takeBack();
  return pressButton(key);
}

// Up and down scroll the page, unless there is another criterion to go to from inside the answer bar.
function onCriteria(step) {
  if (criteria().length < 2 || !document.activeElement.closest(".answer")) return false;
  changeCriterion(step);
  return true;
}

const isUndo = (event) =>
  event.key === "z" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && !event.target.closest(EDITABLE);

function undo(event) {
  if (takeBack()) event.preventDefault();
}

// The changes of this task first, one by one; then the last answer, while it can still be taken back.
const changes = [];
const states = () => [...form().querySelectorAll("input[type=radio], input[type=checkbox]")];

function remember() {
  changes.push(states().map((mark) => mark.checked));
}

function takeBack() {
  if (changes.length < 2) return pressButton("u");
  changes.pop();
  const before = changes.at(-1);
  states().forEach((mark, place) => { mark.checked = before[place]; });
  refuse("");
  activate(criteria().find((each) => !chosen(each)) ?? current());
  form().dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function submitFromPage(event) {
  if (event.repeat || event.target.closest(NATIVE)) return;
  event.preventDefault();
  form().requestSubmit();
}

function submitFromText(event) {
  if (event.key !== "Enter" || !event.ctrlKey || !event.target.closest("#id_comment")) return;
  document.getElementById("comment").hidePopover();
  form().requestSubmit();
}

function onSubmit(event) {
  if (event.target !== form()) return;
  const problem = findProblem();
  if (!problem) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  refuse(problem);
}

function findProblem() {
  const veil = document.querySelector(".veil");
  if (veil && !veil.open) return "Show the texts first, or skip the task.";
  const unseen = NARROW.matches && [...document.querySelectorAll(".response")].find((side) => !("seen" in side.dataset));
  if (unseen) {
    unseen.scrollIntoView();
    return `You have not seen ${unseen.querySelector("h2").textContent} yet. Here it is.`;
  }
  const bare = [...form().querySelectorAll(".label")].find(isWithoutSeverity);
  if (bare) return refuseLabel(bare);
  const open = criteria().find((criterion) => !chosen(criterion));
  if (!open) return "";
  open.classList.add("is-error");
  activate(open);
  const hint = areKeysOff() || NARROW.matches ? "Choose one answer" : `Press ${menu(open)}`;
  return `${open.dataset.name} has no answer yet. ${hint}.`;
}

function refuseLabel(label) {
  const criterion = label.closest("[data-criterion]");
  criterion.classList.add("is-error");
  activate(criterion);
  return `${label.querySelector(".severity").getAttribute("aria-label")} is missing. Choose one.`;
}

function onClick(event) {
  const act = event.target.closest("[data-act]");
  if (act?.dataset.act === "keys") {
    localStorage.setItem(OFF, areKeysOff() ? "0" : "1");
    showKeys();
  }
  if (act?.dataset.act === "criterion") activate(criteria()[Number(act.dataset.place)]);
}

function showKeys() {
  const isOff = areKeysOff();
  document.getElementById("task").classList.toggle("is-keyless", isOff);
  const state = document.querySelector("[data-role=keys-state]");
  if (!state) return;
  state.textContent = isOff ? "Single keys are off." : "Single keys are on.";
  document.querySelector("[data-act=keys]").textContent = isOff ? "Turn on single keys" : "Turn off single keys";
}

function prepare() {
  if (!document.getElementById("task")) return;
  showKeys();
  showCaps();
  if (!form()) return;
  form().classList.add("is-enhanced");
  changes.length = 0;
  remember();
  activate(current());
}

function onSwap(event) {
  if (event.detail.elt.id !== "task") return;
  prepare();
  const wrong = form()?.querySelector(".is-error input");
  (wrong ?? document.querySelector("#task h1"))?.focus({ preventScroll: !wrong });
}

function keepAnswer(event) {
  event.detail.shouldSwap = false;
  refuse("This could not be saved. Your answer is kept here. Submit again.");
}

function countDown() {
  const toast = document.querySelector("[data-undo-left]");
  if (!toast) return;
  toast.dataset.undoLeft -= 1;
  if (toast.dataset.undoLeft > 0) toast.querySelector("[data-role=undo-left]").textContent = toast.dataset.undoLeft;
  else toast.remove();
}

setInterval(countDown, 1_000);
document.addEventListener("keydown", onKey);
document.addEventListener("change", onChoice);
document.addEventListener("focusin", (event) => {
  const criterion = event.target.closest?.("[data-criterion]");
  if (criterion) activate(criterion);
});
document.addEventListener("submit", onSubmit, true);
document.addEventListener("click", onClick);
document.addEventListener("toggle", (event) => {
  if (event.newState === "open") focusFirst(event.target);
}, true);
document.addEventListener("htmx:load", onSwap);
document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.xhr.status >= 500 && form()) keepAnswer(event); });
document.addEventListener("htmx:sendError", () => { if (form()) refuse("No network. Your answer is kept here. Submit again."); });
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
prepare();
