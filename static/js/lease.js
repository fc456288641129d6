// Say two minutes before a task goes back, with a button that keeps it. Saved drafts keep it too.
const WARN = 120;

let end = 0;

const form = () => document.getElementById("answer");
const notice = () => document.querySelector("[data-role=lease]");

function start() {
  const of = form();
  end = of ? performance.now() + Number(of.dataset.secondsLeft) * 1_000 : 0;
}

function tick() {
  const left = Math.ceil((end - performance.now()) / 1_000);
  if (!form() || left > WARN || left <= 0) return notice()?.remove();
  const words = document.getElementById("lease");
  if (!notice()) words.after(words.content.cloneNode(true));
  notice().querySelector("[data-role=lease-left]").textContent = left;
}

async function extend() {
  const of = form();
  if (!of) return;
  const body = new URLSearchParams({
    csrfmiddlewaretoken: of.elements.csrfmiddlewaretoken.value,
    assignment: of.elements.assignment.value,
  });
  const response = await fetch(of.dataset.extend, { method: "POST", body, redirect: "error" });
  const text = await response.text();
  if (of !== form()) return;
  if (response.ok) end = performance.now() + Number(text) * 1_000;
  else of.querySelector("[data-role=refusal]").textContent = response.status === 409 ? text : "Reload the page.";
  tick();
}

document.addEventListener("click", (event) => { if (event.target.closest("[data-act=extend]")) extend(); });
document.addEventListener("htmx:load", (event) => { if (event.detail.elt.id === "task") start(); });
setInterval(tick, 1_000);
start();
tick();
