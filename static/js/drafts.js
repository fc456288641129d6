// Keep what is filled in and not sent: after a pause in typing, on leaving the page, on Ctrl+S.
// Without a network it stays in the page, says so, and is tried again.
const PAUSE = 800;
const RETRY = 5_000;
const OWN = new Set(["csrfmiddlewaretoken", "assignment"]);

const form = () => document.getElementById("answer");
let timer = 0;
let saving = null;
let isStale = false;

function say(text) {
  const place = document.querySelector("[data-role=draft-state]");
  if (place) place.textContent = text;
}

function content(of) {
  const fields = new URLSearchParams(new FormData(of));
  for (const name of OWN) fields.delete(name);
  return fields.toString();
}

function later(wait = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

async function save() {
  clearTimeout(timer);
  const of = form();
  if (!of || isStale || content(of) === of.dataset.kept) return;
  // One after the other: the revision of each follows from the one before it.
  if (saving) return later();
  saving = send(of, content(of));
  await saving;
  saving = null;
}

async function send(of, text) {
  const body = new URLSearchParams({
    csrfmiddlewaretoken: of.elements.csrfmiddlewaretoken.value,
    public_id: of.elements.assignment.value,
    content: text,
    revision: of.dataset.revision,
  });
  try {
    const response = await fetch(of.dataset.draft, { method: "POST", body, keepalive: true, redirect: "error" });
    if (response.ok) kept(of, text, await response.text());
    else if (response.status < 500) refused(of, response.status, await response.text());
    else throw new Error(response.status);
  } catch {
    if (of !== form()) return;
    say("Not saved yet. Trying again");
    later(RETRY);
  }
}

function kept(of, text, revision) {
  of.dataset.revision = revision;
  of.dataset.kept = text;
  if (of === form()) say("Draft saved");
}

function refused(of, status, text) {
  // An answer may have overtaken its draft: then the draft is no loss.
  if (of !== form() || of.elements.assignment.value !== form().elements.assignment.value) return;
  isStale = status === 409;
  say("Draft not saved");
  const place = form()?.querySelector("[data-role=refusal]");
  if (place) place.textContent = text.length < 300 ? text : "The draft was not saved. Reload the page.";
}

function start() {
  isStale = false;
  clearTimeout(timer);
  const of = form();
  if (of) of.dataset.kept = content(of);
}

document.addEventListener("input", (event) => { if (event.target.form === form()) later(); });
document.addEventListener("change", (event) => { if (event.target.form === form()) later(); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
document.addEventListener("submit", (event) => { if (event.target === form()) clearTimeout(timer); }, true);
document.addEventListener("keydown", (event) => {
  if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || !form()) return;
  event.preventDefault();
  save();
});
document.addEventListener("htmx:load", (event) => { if (event.detail.elt.id === "task") start(); });
start();
