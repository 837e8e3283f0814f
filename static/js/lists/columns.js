// The column chooser: columns are moved by their buttons, or by Alt and the arrow keys on their tick.

function move(item, by) {
  const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (by < 0) other.before(item);
  else other.after(item);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-columns] :is([data-up], [data-down])");
  if (!button) return;
  move(button.closest("[data-column]"), button.matches("[data-up]") ? -1 : 1);
  button.focus();
});

document.addEventListener("keydown", (event) => {
  const item = event.target.closest?.("[data-columns] [data-column]");
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!item || !by || !event.target.matches("[type=checkbox]")) return;
  event.preventDefault();
  if (event.altKey) move(item, by);
  else (by < 0 ? item.previousElementSibling : item.nextElementSibling)?.querySelector("input")?.focus();
  if (event.altKey) event.target.focus();
});

// The buttons are shown once they do something.
function ready() {
  document.querySelectorAll("[data-columns]").forEach((form) => form.classList.add("is-live"));
}
document.addEventListener("htmx:afterSettle", ready);
ready();
