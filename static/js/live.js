// Keeps a page fresh, at the server's pace, and says how old it is.
import { text } from "./say.js";

const SLOWEST = 60;
let timer = 0;
let due = 0;
let next = 2;
let errors = 0;
let skew = 0;
let asOf = null;
let state = "live";
let focus = null;
let opened;

const element = () => document.querySelector("[data-live]");
const isBusy = () => {
  const selection = getSelection();
  return !selection.isCollapsed && selection.anchorNode?.parentElement?.closest("#rows, #tab, #head");
};

function schedule(seconds) {
  clearTimeout(timer);
  if (!element()) return;
  const wait = seconds * (0.8 + 0.4 * Math.random()) * 1000;
  due = Date.now() + wait;
  timer = setTimeout(tick, wait);
}

function tick() {
  if (document.hidden || !element()) return;
  // What is being selected for copying stays as it is.
  if (isBusy()) schedule(1);
  else if (!navigator.onLine) failed();
  else htmx.trigger(element(), "live");
}

function failed() {
  errors += 1;
  schedule(Math.min(SLOWEST, Math.max(next, 2) * 2 ** errors));
  show();
}

// An answer for a tab that is left has no place.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id === "tabs" && detail.shouldSwap && element()) htmx.trigger(element(), "htmx:abort");
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr, successful } = event.detail;
  const header = (name) => xhr?.getResponseHeader?.(name);
  if (header("X-Live-As-Of")) {
    asOf = new Date(header("X-Live-As-Of"));
    const sent = Date.parse(header("Date"));
    if (sent) skew = sent - Date.now();
  }
  if (!elt.matches?.("[data-live]")) {
    if (header("X-Live-Next")) { errors = 0; next = Number(header("X-Live-Next")) || next; schedule(next); show(); }
    return;
  }
  if (!successful) return failed();
  errors = 0;
  state = header("X-Live-State") ?? "live";
  next = Number(header("X-Live-Next")) || 5;
  schedule(next);
  show(true);
});

/** How old it is, in words; grey when it is older than it should be. */
function show(isBeat = false) {
  const place = document.getElementById("as-of");
  if (!place) return;
  const clock = place.querySelector("[data-live-clock]");
  asOf ??= clock ? new Date(clock.dateTime) : null;
  if (clock && asOf) {
    clock.dateTime = asOf.toISOString();
    clock.textContent = asOf.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
    clock.title = asOf.toLocaleString();
  }
  const isLive = !!element();
  const age = asOf ? (Date.now() + skew - asOf) / 1000 : 0;
  const isOld = isLive && (errors > 1 || !navigator.onLine || state === "paused" || age > Math.max(20, 4 * next));
  place.classList.toggle("is-live", isLive && !isOld);
  place.classList.toggle("is-stale", isOld);
  (document.getElementById("list") ?? document.getElementById("tab"))?.classList.toggle("is-stale-data", isOld);
  const words = place.querySelector("[data-live-state]");
  if (words) words.textContent = isOld ? ` · ${text("paused")}` : "";
  place.title = isOld ? text(navigator.onLine ? "unreachable" : "offline") : "";
  if (isBeat) {
    place.classList.remove("is-beating");
    void place.offsetWidth;
    place.classList.add("is-beating");
  }
}

// A swap must not take the focus away: whoever is on a row's button stays on it.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  opened = event.detail.target.querySelector(":popover-open")?.id;
  const active = document.activeElement;
  const target = event.detail.target;
  const home = active && target.contains(active) && active !== target ? active.closest("[id]") : null;
  if (!home) return;
  const all = [...home.querySelectorAll("a, button, input, select, summary")];
  focus = { id: home.id, at: home === active ? -1 : all.indexOf(active) };
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  const row = event.detail.target;
  if (row.matches?.("tr[id]")) document.getElementById(row.id)?.classList.add("is-fresh");
  if (opened) document.getElementById(opened)?.showPopover();
  if (!focus) return;
  const home = document.getElementById(focus.id);
  const element = focus.at < 0 ? home : home?.querySelectorAll("a, button, input, select, summary")[focus.at];
  if (element && element !== document.activeElement) element.focus({ preventScroll: true });
  focus = null;
});

document.addEventListener("htmx:afterSettle", () => show());
addEventListener("online", () => schedule(0.3));
addEventListener("offline", () => show());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else schedule(0.3);
});
setInterval(() => {
  show();
  // Slept past its time: a lid was closed.
  if (!document.hidden && element() && Date.now() > due + 10_000) schedule(0.5);
}, 1000);
schedule(next);
show();
