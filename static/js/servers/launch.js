// The launch form made nicer: greyed flavors, the step that is in view, more rows, key pairs made beside it.
import { keepDraft } from "./launch-back.js";

const getForm = () => document.getElementById("launch-form");
const keyNames = () => [...(document.getElementById("key_name")?.options ?? [])].map((option) => option.value);

function greyFlavors() {
  const reasons = new Map();
  for (const item of document.querySelectorAll("#flavor-reasons [data-for]")) reasons.set(item.dataset.for, item.textContent);
  for (const row of document.querySelectorAll("[data-flavor]")) {
    const reason = reasons.get(row.dataset.flavor) ?? "";
    row.classList.toggle("is-off", reason !== "");
    const why = row.querySelector(".why");
    if (why.textContent !== reason) why.textContent = reason;
  }
}

let watching = null;
function followSteps() {
  watching?.disconnect();
  const links = new Map([...document.querySelectorAll("#launch-form .wizard-steps a")].map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  watching = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
      const current = [...links.keys()].find((id) => seen.has(id));
      for (const [id, link] of links) id === current ? link.setAttribute("aria-current", "step") : link.removeAttribute("aria-current");
    },
    { rootMargin: "-80px 0px -50% 0px" },
  );
  for (const id of links.keys()) {
    const step = document.getElementById(id);
    if (step) watching.observe(step);
  }
}

// One more row of pairs, disks or files: a copy of the last one, with nothing in it.
function addRow(event) {
  const button = event.target.closest("#launch-form [data-more-pairs], #launch-form [data-more-rows]");
  if (!button) return;
  event.preventDefault();
  const list = button.closest("fieldset").querySelector("[data-pairs], [data-rows]");
  const row = list.lastElementChild.cloneNode(true);
  for (const kept of row.querySelectorAll("input[type=hidden], .form-hint")) kept.remove();
  for (const field of row.querySelectorAll("input, select, textarea")) {
    if (field.matches("select")) field.selectedIndex = 0;
    else field.value = "";
    if (list.dataset.rows === "indexed") field.name = field.name.replace(/\d+$/, (number) => Number(number) + 1);
  }
  list.append(row);
  row.querySelector("input, select").focus();
}

// A link to what is inside a closed part opens it.
function openTarget(event) {
  const link = event.target.closest("a[href^='#']");
  const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  for (let part = target.closest("details"); part; part = part.parentElement?.closest("details")) part.open = true;
  const field = target.matches("input, select, textarea") ? target : target.querySelector("input:checked, input:not([type=hidden]), select, textarea");
  if (link.closest("#problems, .launch-stops, .launch-warnings") && field) {
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  }
}

if (getForm()) {
  greyFlavors();
  followSteps();
  document.addEventListener("click", addRow);
  document.addEventListener("click", openTarget);
  // Enter in a search searches; in any other field it launches.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("#launch-form [type=search]")) event.preventDefault();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "launch-summary") greyFlavors();
    if (["launch-keys", "launch-volumes", "launch-more", "launch-ports", "launch-floating", "launch-disks"].includes(event.target.id)) {
      window.htmx?.trigger(document.querySelector("#launch-form .wizard-summary"), "launch-summary");
    }
  });
  document.body.addEventListener("htmx:load", (event) => {
    if (event.target.id === "launch-form") {
      greyFlavors();
      followSteps();
    }
  });
  // A key pair is made in another tab, so that nothing typed here is lost; back here it can be chosen.
  let before = null;
  document.addEventListener("click", (event) => {
    if (event.target.closest("#launch-form [data-new-key]")) before = keyNames();
  });
  document.addEventListener("visibilitychange", () => {
    const again = document.querySelector("#launch-keys button[value='keys']");
    if (before && again && !document.hidden) window.htmx?.trigger(again, "launch-keys");
  });
  document.body.addEventListener("htmx:load", () => {
    const select = document.getElementById("key_name");
    const fresh = before && select ? keyNames().filter((name) => !before.includes(name)) : [];
    if (fresh.length === 1) {
      select.value = fresh[0];
      before = null;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  keepDraft(getForm);
  document.getElementById("problems")?.focus();
}
