// Press the control that shows a key cap, outside of text fields and without a modifier.
const EDITABLE = "textarea, select, input, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.target.closest(EDITABLE)) return;
  const control = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key);
  if (!control?.checkVisibility()) return;
  event.preventDefault();
  control.click();
});
