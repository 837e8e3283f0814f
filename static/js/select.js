// Ticks: one row, a range with Shift, all; they stay when rows are drawn anew.
import { text } from "./say.js";

let chosen = new Set();
let last = null;

const ticks = () => [...document.querySelectorAll("#rows [data-tick]")];

function show() {
  const all = ticks();
  const on = all.filter((tick) => tick.checked);
  const everything = document.querySelector("[data-select-all]");
  if (everything) {
    everything.checked = all.length > 0 && on.length === all.length;
    everything.indeterminate = on.length > 0 && on.length < all.length;
  }
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  bar.hidden = !on.length;
  // Once everything on the page is ticked, all that match may be meant, wherever they are.
  const whole = bar.querySelector("[data-bulk-all]");
  const total = document.getElementById("count")?.textContent.trim();
  if (whole) {
    // How many match is known once the whole list was read.
    const isKnown = document.getElementById("partial")?.hidden !== false && Number(total?.replace(/\D/g, "")) > all.length;
    whole.hidden = !on.length || on.length < all.length || !isKnown;
    if (whole.hidden) whole.querySelector("input").checked = false;
    const number = whole.querySelector("[data-total]");
    if (total && number.textContent !== total) number.textContent = total;
  }
  const count = bar.querySelector("[data-bulk-count]");
  const words = text("selected", whole?.querySelector("input").checked ? total : on.length);
  if (count && count.textContent !== words) count.textContent = words;
}

function set(tick, isOn) {
  tick.checked = isOn;
  if (isOn) chosen.add(tick.value);
  else chosen.delete(tick.value);
}

document.addEventListener("click", (event) => {
  const tick = event.target.closest?.("[data-tick]");
  if (tick) {
    const all = ticks();
    const [from, to] = [all.findIndex((item) => item.value === last), all.indexOf(tick)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) all.slice(from, to + 1).forEach((item) => set(item, tick.checked));
    set(tick, tick.checked);
    last = tick.value;
    show();
  } else if (event.target.closest?.("[data-select-all]")) {
    ticks().forEach((item) => set(item, event.target.checked));
    show();
  } else if (event.target.closest?.("[data-bulk-all]")) {
    show();
  } else if (event.target.closest?.("[data-select-none]")) {
    ticks().forEach((item) => set(item, false));
    show();
  }
});

// After every swap: what was ticked and is still there is ticked, the rest is forgotten.
function restore() {
  const all = ticks();
  chosen = new Set(all.map((tick) => tick.value).filter((id) => chosen.has(id)));
  all.forEach((tick) => { tick.checked = chosen.has(tick.value); });
  show();
}
document.addEventListener("htmx:oobAfterSwap", restore);
document.addEventListener("htmx:afterSettle", restore);
// The browser fills in forms again after Back.
ticks().filter((tick) => tick.checked).forEach((tick) => chosen.add(tick.value));
show();
