// Mark the words of each side that the other side does not have: a longest common subsequence over words.
const MOST_WORDS = 4_000;
const WORDS = /[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu;
const LEFT_ALONE = "math, pre, code";

let isOn = false;

function words(side) {
  const found = [];
  const walker = document.createTreeWalker(side, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest(LEFT_ALONE)) continue;
    for (const match of node.data.matchAll(WORDS)) found.push({ node, text: match[0], at: match.index });
  }
  return found;
}

function common(left, right) {
  const width = right.length + 1;
  const table = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      table[i * width + j] = left[i].text === right[j].text
        ? table[(i + 1) * width + j + 1] + 1
        : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  const shared = new Set();
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    if (left[i].text === right[j].text) shared.add(left[i++]).add(right[j++]);
    else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) i++;
    else j++;
  }
  return shared;
}

// From the end, so that the places of earlier words in a text stay as they were found.
function paint(found, shared) {
  for (const word of found.toReversed()) {
    if (shared.has(word)) continue;
    const range = document.createRange();
    range.setStart(word.node, word.at);
    range.setEnd(word.node, word.at + word.text.length);
    const mark = document.createElement("mark");
    mark.className = "differs";
    range.surroundContents(mark);
  }
}

function clear() {
  for (const mark of document.querySelectorAll("mark.differs")) {
    const parent = mark.parentNode;
    mark.replaceWith(...mark.childNodes);
    parent.normalize();
  }
}

function show() {
  const button = document.querySelector("[data-act=difference]");
  const sides = [...document.querySelectorAll(".response > .prose")];
  if (!button || sides.length !== 2) return;
  button.hidden = false;
  clear();
  const [left, right] = sides.map(words);
  const fits = Math.max(left.length, right.length) <= MOST_WORDS;
  button.setAttribute("aria-pressed", String(isOn && fits));
  if (!isOn) return;
  if (!fits) {
    document.querySelector("[data-role=refusal]").textContent = "These texts are too long to compare word by word.";
    return;
  }
  const shared = common(left, right);
  paint(left, shared);
  paint(right, shared);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-act=difference]")) return;
  isOn = !isOn;
  show();
});
document.addEventListener("htmx:load", (event) => { if (event.detail.elt.id === "task") show(); });
show();
