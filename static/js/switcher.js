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

document.getElementById("switcher")?.addEventListener("keydown", (event) => {
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!move) return;
  const all = [...event.currentTarget.querySelectorAll("#switcher-body :is(input:not([type=hidden]), button)")];
  event.preventDefault();
  all[(all.indexOf(document.activeElement) + move + all.length) % all.length]?.focus();
});
