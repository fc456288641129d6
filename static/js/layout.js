// What moves on the desk without a key: both sides together or apart, the veil, which side was on screen, local time.
let isApart = false;

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) entry.target.dataset.seen = "";
  }
}, { rootMargin: "0px 0px -30% 0px" }); // what lies under the answer bar was not seen

function prepare() {
  document.querySelectorAll(".response").forEach((side) => seen.observe(side));
  document.querySelectorAll("time[datetime]").forEach(showLocally);
  placeVeil();
  placeSides();
}

function showLocally(time) {
  const moment = new Date(time.dateTime);
  time.textContent = moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function placeVeil() {
  const veil = document.querySelector(".veil");
  if (veil) veil.nextElementSibling.inert = !veil.open;
}

function placeSides() {
  const button = document.querySelector("[data-act=scroll]");
  const responses = document.querySelector(".responses");
  if (!button || !responses) return;
  button.setAttribute("aria-pressed", String(!isApart));
  responses.classList.toggle("is-apart", isApart);
  for (const text of responses.querySelectorAll(".response > .prose")) {
    if (isApart) text.tabIndex = 0;
    else text.removeAttribute("tabindex");
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-act=scroll]")) return;
  isApart = !isApart;
  placeSides();
});
document.addEventListener("toggle", placeVeil, true);
document.addEventListener("htmx:load", prepare);
prepare();
