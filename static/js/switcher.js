// The scope's chip opens the switcher: type to narrow it. Without scripts the chip leads to a page that does the same.
import { open } from "./dialog.js";

export function openSwitcher() {
  const chip = document.querySelector("[data-switcher]");
  if (!chip) return;
  open(document.getElementById("switcher"), chip);
  const url = new URL(chip.href, location);
  url.searchParams.set("next", location.pathname + location.search);
  htmx.ajax("GET", url.pathname + url.search, { target: "#switcher-body", swap: "innerHTML" });
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-switcher]") || event.ctrlKey || event.metaKey || event.button) return;
  event.preventDefault();
  openSwitcher();
});

// Enter goes to the first that has what was typed, also before the answer to it came.
let isGoing = false;
function goToFirst() {
  const typed = document.getElementById("scopes-q")?.value.trim().toLowerCase() ?? "";
  const names = [...document.querySelectorAll("#scopes-found button")];
  const first = names.find((button) => button.textContent.toLowerCase().includes(typed));
  isGoing = !first && !isGoing;
  first?.click();
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.id !== "scopes-q" || event.isComposing) return;
  event.preventDefault();
  goToFirst();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (isGoing && event.target.id === "scopes-found") goToFirst();
});

document.getElementById("switcher")?.addEventListener("keydown", (event) => {
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!move) return;
  const all = [...event.currentTarget.querySelectorAll("#switcher-body :is(input:not([type=hidden]), button)")];
  event.preventDefault();
  all[(all.indexOf(document.activeElement) + move + all.length) % all.length]?.focus();
});
