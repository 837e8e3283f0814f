// A console log that is followed while it grows, searched, and shown with long lines wrapped or not.
import { announce } from "../say.js";

const EVERY = 3000;
const MOST = 1_500_000;
const FOUND_MOST = 2000;
let timer = 0;

const box = () => document.querySelector("[data-log]");
const part = (name) => box()?.querySelector(`[data-log-${name}]`);
const text = () => box()?.querySelector("pre");
const isFollowing = () => part("follow")?.getAttribute("aria-pressed") === "true";

/** What `fresh` (the log's end as it is now) has beyond `have`; null if the two have nothing in common. */
export function beyond(have, fresh) {
  for (const length of [4000, 400, 80]) {
    const end = have.slice(-length);
    const at = fresh.lastIndexOf(end);
    if (end && at >= 0) return fresh.slice(at + end.length);
    if (have.length <= length) break;
  }
  return null;
}

function toEnd() {
  const pre = text();
  if (pre) pre.scrollTop = pre.scrollHeight;
}

async function look() {
  clearTimeout(timer);
  const place = box();
  if (!place || !isFollowing()) return;
  if (!document.hidden) {
    try {
      const answer = await fetch(place.dataset.tail, { credentials: "same-origin", cache: "no-store" });
      if (answer.status === 200 && place.isConnected && isFollowing()) grow(place, (await answer.text()).replace(/\r\n?/g, "\n"));
    } catch {
      // The next look may reach it again.
    }
  }
  timer = setTimeout(look, EVERY);
}

function grow(place, fresh) {
  const pre = text();
  const more = beyond(pre.textContent, fresh);
  if (more === "") return;
  const isAtEnd = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 40;
  if (more === null) {
    pre.textContent = fresh;
    announce(place.dataset.anew);
  } else {
    pre.append(more);
    pre.normalize();
    if (pre.textContent.length > MOST) pre.textContent = pre.textContent.slice(-MOST / 2);
  }
  if (isAtEnd) toEnd();
  mark();
}

/** Marks what is looked for, and counts it; the log itself stays as it is. */
function mark(isNext = false) {
  const pre = text();
  const wanted = part("search")?.value.toLocaleLowerCase() ?? "";
  const node = pre?.firstChild;
  const ranges = [];
  if (wanted && node) {
    const whole = node.textContent.toLocaleLowerCase();
    for (let at = whole.indexOf(wanted); at >= 0 && ranges.length < FOUND_MOST; at = whole.indexOf(wanted, at + wanted.length)) {
      const range = new Range();
      // A few letters change their number with their case; such a match at the very end has no place.
      if (at + wanted.length > node.length) break;
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      ranges.push(range);
    }
  }
  if (window.Highlight) CSS.highlights.set("log", new Highlight(...ranges));
  const count = part("count");
  if (count) count.textContent = !wanted ? "" : ranges.length ? String(ranges.length) : box().dataset.none;
  const next = part("next");
  if (next) next.disabled = !ranges.length;
  if (isNext && ranges.length) {
    const at = (Number(pre.dataset.at ?? -1) + 1) % ranges.length;
    pre.dataset.at = at;
    show(pre, ranges[at]);
    if (count) count.textContent = `${at + 1} / ${ranges.length}`;
  }
}

function show(pre, range) {
  if (window.Highlight) CSS.highlights.set("log-now", new Highlight(range));
  const place = range.getBoundingClientRect();
  const view = pre.getBoundingClientRect();
  pre.scrollTop += place.top - view.top - view.height / 3;
  pre.scrollLeft += Math.min(0, place.left - view.left) + Math.max(0, place.right - view.right + 16);
}

function ready() {
  const tools = part("tools");
  if (!tools || !tools.hidden) return;
  tools.hidden = false;
  toEnd();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-log-follow], [data-log-wrap], [data-log-next]");
  if (!button) return;
  if (button.matches("[data-log-next]")) return mark(true);
  const isOn = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(isOn));
  if (button.matches("[data-log-wrap]")) text()?.classList.toggle("is-unwrapped", !isOn);
  else if (isOn) {
    toEnd();
    look();
  }
});
document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-log-search]")) return;
  delete text()?.dataset.at;
  if (window.Highlight) CSS.highlights.delete("log-now");
  mark(!!event.target.value);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.("[data-log-search]")) {
    event.preventDefault();
    mark(true);
  }
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
document.addEventListener("htmx:afterSettle", ready);
ready();
