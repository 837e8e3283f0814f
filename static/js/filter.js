// Help while a filter is typed: the keys that there are, then the values of a key. Without it the bar works as well.
import { text } from "./say.js";

const menu = document.createElement("div");
menu.id = "filter-menu";
menu.className = "filter-menu";
menu.hidden = true;
menu.setAttribute("role", "listbox");
menu.setAttribute("aria-label", text("filters"));

let items = [];
let at = -1;
let asked = 0;

const input = () => document.querySelector("#filter[data-values]");
const keys = () => [...document.querySelectorAll("#filter-help [data-key]")].map((code) => ({
  insert: `${code.dataset.key}:`, name: `${code.dataset.key}:`, note: code.closest("dt").nextElementSibling?.textContent ?? "", isKey: true,
}));

/** What stands before the cursor, as far as it is one condition: its sign, key and beginning. */
function typed(field) {
  const before = field.value.slice(0, field.selectionStart ?? field.value.length);
  const found = /(?:^|\s)(-?)(?:([A-Za-z][\w-]*):("?)([^"]*)|([^\s"]*))$/.exec(before);
  if (!found) return null;
  const [, sign, key, quote, value, word] = found;
  // A value without a quotation mark ends with the first space.
  if (key && !quote && /\s/.test(value)) return { sign: "", key: "", value: "", from: before.length };
  const isKey = key !== undefined;
  return { sign, key: key ?? "", value: isKey ? value : word, from: before.length - (isKey ? `${sign}${key}:${quote}${value}` : `${sign}${word}`).length };
}

function close() {
  menu.hidden = true;
  items = [];
  at = -1;
  input()?.setAttribute("aria-expanded", "false");
  input()?.removeAttribute("aria-activedescendant");
}

function draw(field) {
  menu.replaceChildren(...items.map((item, index) => {
    const option = Object.assign(document.createElement("div"), { id: `filter-option-${index}`, className: "filter-option" });
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", index === at);
    option.dataset.index = index;
    option.append(Object.assign(document.createElement("code"), { textContent: item.name }));
    if (item.note) option.append(Object.assign(document.createElement("small"), { textContent: item.note }));
    if (item.count !== undefined && item.count !== null) option.append(Object.assign(document.createElement("span"), { className: "chip-count", textContent: item.count }));
    return option;
  }));
  menu.hidden = !items.length;
  field.setAttribute("aria-expanded", !menu.hidden);
  if (at >= 0 && items.length) field.setAttribute("aria-activedescendant", `filter-option-${at}`);
  else field.removeAttribute("aria-activedescendant");
  if (menu.hidden) return;
  const box = field.getBoundingClientRect();
  Object.assign(menu.style, { left: `${box.left}px`, top: `${box.bottom + 4}px`, minWidth: `${box.width}px` });
  menu.children[at]?.scrollIntoView({ block: "nearest" });
}

async function show(field, { isAsked = false } = {}) {
  const part = typed(field);
  const mine = (asked += 1);
  const before = items[at]?.name;
  if (!part || (!part.key && !part.value && !part.sign && !isAsked)) return close();
  let found = [];
  if (part.key) {
    const url = new URL(field.dataset.values, location);
    url.searchParams.set("key", part.key.toLowerCase());
    url.searchParams.set("q", part.value);
    const answer = await fetch(url, { headers: { Accept: "application/json", "X-Background": "1" } })
      .then((response) => (response.ok ? response.json() : null)).catch(() => null);
    if (mine !== asked) return;
    found = (answer?.values ?? []).map(({ value, label, count }) => ({
      insert: `${part.key}:${/\s/.test(value) ? `"${value}"` : value}`, name: value, note: label, count,
    }));
    if (found.length === 1 && found[0].name === part.value) found = [];
  } else {
    const word = part.value.toLowerCase();
    found = keys().filter((item) => item.name.startsWith(word));
  }
  if (document.activeElement !== input()) return close();
  items = found;
  at = items.findIndex((item) => item.name === before);
  draw(input());
}

function take(index) {
  const field = input();
  const part = field && typed(field);
  const item = items[index];
  if (!part || !item) return;
  const after = field.value.slice(field.selectionStart);
  const put = `${part.sign}${item.insert}${item.isKey || after.startsWith(" ") ? "" : " "}`;
  field.value = field.value.slice(0, part.from) + put + after;
  field.setSelectionRange(part.from + put.length, part.from + put.length);
  field.focus();
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => event.target === input() && show(event.target));
document.addEventListener("focusout", (event) => event.target === input() && setTimeout(() => document.activeElement !== input() && close(), 150));
document.addEventListener("keydown", (event) => {
  if (event.target !== input() || event.isComposing) return;
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (move) {
    event.preventDefault();
    if (menu.hidden) return void show(event.target, { isAsked: true });
    at = (Math.max(at, move > 0 ? -1 : 0) + move + items.length) % items.length;
    draw(event.target);
  } else if (["Enter", "Tab"].includes(event.key) && !menu.hidden && at >= 0) {
    event.preventDefault();
    take(at);
  } else if (event.key === "Escape" && !menu.hidden) {
    event.preventDefault();
    close();
  }
});
menu.addEventListener("mousedown", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option) return;
  event.preventDefault();
  take(Number(option.dataset.index));
});
document.addEventListener("click", (event) => {
  const code = event.target.closest?.("#filter-help [data-key]");
  if (!code || !input()) return;
  const field = input();
  code.closest("details").open = false;
  field.value = `${field.value.trimEnd()}${field.value.trim() ? " " : ""}${code.dataset.key}:`;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  show(field);
});
// What was typed meanwhile stays.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { elt, parameters } = detail.requestConfig;
  if (detail.target.id !== "list" || !elt.matches?.(".filter-form")) return;
  if (document.getElementById("filter")?.value !== parameters.q) detail.shouldSwap = false;
});
// The list, and the field in it, is drawn anew while the menu is open.
document.addEventListener("htmx:afterSettle", () => { if (!menu.hidden && document.activeElement === input()) draw(input()); });
document.body.append(menu);
