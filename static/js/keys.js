// Keyboard: "?" lists what there is. Single letters do nothing while somebody types, or in a dialog.
import { open } from "./dialog.js";
import { openPalette } from "./palette.js";
import { openSwitcher } from "./switcher.js";

let isGo = false;
const rows = () => [...document.querySelectorAll("#rows > tr[id]")];
const current = () => document.activeElement?.closest?.("#rows > tr") ?? document.querySelector("#rows > tr.is-current");

function move(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const row = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  all.forEach((item) => item.classList.toggle("is-current", item === row));
  (row.querySelector(".row-name") ?? row.querySelector("td a, td button, td input"))?.focus();
  row.scrollIntoView({ block: "nearest" });
}

const openKeys = () => open(document.getElementById("keys"));

const keys = {
  "/": openPalette,
  "?": openKeys,
  f: () => document.querySelector("#filter")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  x: () => current()?.querySelector("[data-tick]")?.click(),
  m: () => current()?.querySelector("[data-menu]")?.click(),
  c: () => document.querySelector(".page-actions .btn-primary")?.click(),
  p: openSwitcher,
  g: () => { isGo = true; setTimeout(() => { isGo = false; }, 1500); },
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]") || document.querySelector("dialog[open], .pop:popover-open")) return;
  if (isGo) {
    isGo = false;
    const url = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.dataset.url;
    if (url) location.href = url;
    return;
  }
  const action = Object.hasOwn(keys, event.key) && keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-keys-open]")) return;
  document.getElementById("help")?.hidePopover();
  openKeys();
});
