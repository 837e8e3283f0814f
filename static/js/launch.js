// The launch form made nicer: greyed flavors, the step that is in view, more rows, key pairs made beside it.
const form = document.getElementById("launch-form");

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

function followSteps() {
  const links = new Map([...form.querySelectorAll(".wizard-steps a")].map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
      const current = [...links.keys()].find((id) => seen.has(id));
      for (const [id, link] of links) id === current ? link.setAttribute("aria-current", "step") : link.removeAttribute("aria-current");
    },
    { rootMargin: "-80px 0px -50% 0px" },
  );
  for (const id of links.keys()) {
    const step = document.getElementById(id);
    if (step) observer.observe(step);
  }
}

function addPairs(event) {
  const button = event.target.closest("[data-more-pairs]");
  if (!button) return;
  event.preventDefault();
  const list = button.closest("fieldset").querySelector("[data-pairs]");
  const row = list.lastElementChild.cloneNode(true);
  for (const input of row.querySelectorAll("input")) input.value = "";
  list.append(row);
  row.querySelector("input").focus();
}

// A link to what is inside a closed part opens it.
function openTarget(event) {
  const link = event.target.closest("a[href^='#']");
  const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  for (let part = target.closest("details"); part; part = part.parentElement?.closest("details")) part.open = true;
  const field = target.matches("input, select, textarea") ? target : target.querySelector("input:checked, input, select, textarea");
  if (link.closest("#problems, .launch-stops, .launch-warnings") && field) {
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  }
}

if (form) {
  greyFlavors();
  followSteps();
  form.addEventListener("click", addPairs);
  document.addEventListener("click", openTarget);
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "launch-summary") greyFlavors();
    if (["launch-keys", "launch-volumes", "launch-more", "launch-ports"].includes(event.target.id)) {
      window.htmx?.trigger(form.querySelector(".wizard-summary"), "launch-summary");
    }
  });
  // A key pair is made in another tab, so that nothing typed here is lost; back here it can be chosen.
  let before = null;
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-new-key]")) before = keyNames();
  });
  document.addEventListener("visibilitychange", () => {
    const again = form.querySelector("#launch-keys button[value='keys']");
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
  document.getElementById("problems")?.focus();
}
