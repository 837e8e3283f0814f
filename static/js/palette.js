// Search: pages and actions of this page by name; resources from the server, where it offers that.
import { open } from "./dialog.js";

const palette = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-list");
let found = [];
let at = 0;
let asked = 0;

const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

function commands() {
  const links = [...document.querySelectorAll(".side-item"), ...document.querySelectorAll("#person a.pop-item")];
  const pages = links.filter((link, index) => links.findIndex((other) => other.href === link.href) === index)
    .map((link) => ({ label: words(link), note: list.dataset.page, icon: link.querySelector("svg"), run: () => { location.href = link.href; } }));
  const actions = [...document.querySelectorAll(".page-actions a.btn, .page-actions .dropdown-item[href], [data-command]")]
    .map((link) => ({ label: words(link), note: list.dataset.action, icon: link.querySelector("svg"), run: () => link.click() }))
    .filter((item, index, all) => all.findIndex((other) => other.label === item.label) === index);
  return [...actions, ...pages];
}

/** The letters in their order, words' beginnings first; 0 is no match. */
function score(label, wanted) {
  const name = label.toLowerCase();
  if (!wanted) return 1;
  if (name.startsWith(wanted)) return 4;
  if (name.includes(` ${wanted}`)) return 3;
  if (name.includes(wanted)) return 2;
  let place = -1;
  return [...wanted].every((letter) => (place = name.indexOf(letter, place + 1)) >= 0) ? 1 : 0;
}

function draw() {
  list.replaceChildren(...found.map((item, index) => {
    const option = document.createElement("div");
    option.id = `palette-${index}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", index === at);
    option.dataset.index = index;
    if (item.icon) option.append(item.icon.cloneNode(true));
    option.append(item.label);
    if (item.note) option.append(Object.assign(document.createElement("small"), { textContent: item.note }));
    return option;
  }));
  if (!found.length) list.append(Object.assign(document.createElement("p"), { className: "pop-empty", textContent: list.dataset.none }));
  input.setAttribute("aria-activedescendant", found.length ? `palette-${at}` : "");
  list.children[at]?.scrollIntoView({ block: "nearest" });
}

async function search() {
  const wanted = input.value.trim().toLowerCase();
  found = commands().map((item) => ({ ...item, score: score(item.label, wanted) }))
    .filter((item) => item.score).sort((a, b) => b.score - a.score);
  at = 0;
  draw();
  if (!palette.dataset.search || wanted.length < 2) return;
  const mine = (asked += 1);
  await new Promise((done) => { setTimeout(done, 150); });
  if (mine !== asked) return;
  const url = new URL(palette.dataset.search, location);
  url.searchParams.set("q", input.value.trim());
  const answer = await fetch(url, { headers: { Accept: "application/json" } }).then((response) => (response.ok ? response.json() : null)).catch(() => null);
  if (!answer || mine !== asked) return;
  const known = new Set(found.map((item) => item.label));
  const links = [...answer.results, ...answer.more].filter(({ label, note }) => note !== list.dataset.action || !known.has(label));
  found = [...found, ...links.map(({ label, note, url: to }) => ({ label, note, run: () => { location.href = to; } }))];
  draw();
  if (answer.missing.length) list.append(Object.assign(document.createElement("p"), { className: "pop-note", textContent: list.dataset.missing.replace("%s", answer.missing.join(", ")) }));
}

function run(index) {
  const item = found[index];
  if (!item) return;
  palette.close();
  item.run();
}

export function openPalette() {
  if (!palette || palette.open) return;
  open(palette);
  input.value = "";
  search();
  input.focus();
}

if (palette) {
  document.addEventListener("click", (event) => event.target.closest("[data-palette-open]") && openPalette());
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && found.length) {
      event.preventDefault();
      at = (at + move + found.length) % found.length;
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(at);
    } else if (event.key === "Escape") {
      // A search field would only be emptied.
      event.preventDefault();
      input.blur();
      palette.close();
    }
  });
  list.addEventListener("click", (event) => run(Number(event.target.closest("[role=option]")?.dataset.index ?? -1)));
}
