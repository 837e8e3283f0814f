// Roles that are given or taken while a page is open: asked about once a minute, and when something was refused.
const EVERY = 60_000;
const SOON = 15_000;
let asked = Date.now();

const place = () => document.querySelector("[data-roles-here]");

function ask() {
  if (document.hidden || !place()) return;
  asked = Date.now();
  htmx.trigger(place(), "check");
}

setInterval(ask, EVERY);
addEventListener("load", () => { if (document.querySelector("[data-roles-now]")) ask(); });
document.addEventListener("visibilitychange", () => { if (Date.now() - asked > SOON) ask(); });
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 403 && !event.detail.elt.matches?.("[data-roles-here]")) ask();
});

// What the page offers follows at once where nothing is under way on it.
document.addEventListener("rolesChanged", ({ detail }) => {
  if (detail.ask) return ask();
  const role = document.querySelector("#scope .scope-role");
  if (role && detail.role) role.textContent = detail.role;
  if (document.querySelector("dialog[open], form[data-dirty], [data-tick]:checked")) return;
  const part = document.getElementById("list") ?? document.getElementById("tabs");
  if (part) htmx.ajax("GET", location.href, { target: `#${part.id}`, swap: "outerHTML" });
});
