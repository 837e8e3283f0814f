// The session's end: said two minutes before; signing in again happens over the page, which stays as it was.
import { text, toast } from "./say.js";

const WARN = 120;
const { body } = document;
let timer = 0;

const headers = () => JSON.parse(body.getAttribute("hx-headers") ?? "{}");

function follow(secondsLeft, isLast) {
  clearTimeout(timer);
  timer = setTimeout(() => warn(isLast), Math.min(2 ** 31 - 1, Math.max(0, secondsLeft - WARN) * 1000));
}

/** Another tab may have kept the session alive, so the server is asked first. */
async function warn(isLast) {
  const { remainingUrl, extendUrl } = body.dataset;
  const left = remainingUrl ? await fetch(remainingUrl, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null) : null;
  if (left && left.secondsLeft > WARN + 5) return follow(left.secondsLeft, left.isLast);
  const isEnd = left?.isLast ?? isLast;
  const minutes = Math.max(1, Math.round((left?.secondsLeft ?? WARN) / 60));
  const action = isEnd || !extendUrl ? null : {
    label: text("extend"),
    run: async () => {
      const answer = await fetch(extendUrl, { method: "POST", headers: headers() }).catch(() => null);
      if (!answer?.ok) return again();
      const now = await answer.json();
      return follow(now.secondsLeft, now.isLast);
    },
  };
  toast(text("ending", minutes), { isBad: true, key: "session", action });
}

function again(url = body.dataset.signInUrl) {
  const dialog = document.getElementById("again");
  if (!dialog || dialog.open || !url) return;
  dialog.showModal();
  const query = new URLSearchParams({ person: body.dataset.person ?? "" });
  htmx.ajax("GET", `${url}?${query}`, { target: "#again-body", swap: "innerHTML" });
}

/** Whose page this is stands in its corner; the password is all that is asked for. */
function fill(dialog) {
  if (!dialog.open) return;
  const who = document.querySelector("#person .pop-who");
  for (const [field, element] of [["name", "strong"], ["domain", "span"]]) {
    const input = dialog.querySelector(`[name=${field}]`);
    if (input && who) input.value ||= who.querySelector(element).textContent;
  }
  dialog.querySelector("[name=password]")?.focus();
}

document.addEventListener("htmx:afterSettle", (event) => {
  const dialog = event.target.closest?.("#again");
  if (dialog) fill(dialog);
});

document.addEventListener("signInAgain", (event) => again(event.detail.url));

document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.closest?.("#again")) return;
  event.detail.parameters.person ||= body.dataset.person ?? "";
  event.detail.parameters.page ||= location.pathname + location.search;
});

// Signed in again: the page goes on with the new session's form token.
document.addEventListener("signedIn", (event) => {
  const { csrf, secondsLeft, isLast } = event.detail;
  body.setAttribute("hx-headers", JSON.stringify({ ...headers(), "X-CSRFToken": csrf }));
  document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => { field.value = csrf; });
  document.getElementById("again").close();
  document.getElementById("again-body").replaceChildren();
  follow(secondsLeft, isLast);
});

if (body.dataset.sessionEnds) {
  follow((Date.parse(body.dataset.sessionEnds) - Date.now()) / 1000, "sessionLast" in body.dataset);
}
