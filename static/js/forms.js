// Forms: sent once, marked while under way, and not lost by accident.
import { text } from "./say.js";

const guarded = "form[method='post']:not([data-autosubmit], [data-theme-form])";

export const isDirty = (place) => !!place.querySelector("form[data-dirty]");
/** Asks before what was typed is lost. */
export const mayLeave = (place) => !isDirty(place) || confirm(text("unsaved"));

document.addEventListener("input", (event) => {
  const form = event.target.form?.closest(guarded);
  if (form && !event.target.matches("[type=hidden], [type=search], [data-tick]")) form.dataset.dirty = "";
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-dirty]:not([data-sending])")) event.preventDefault();
});

function busy(form, button) {
  form.dataset.sending = "";
  form.setAttribute("aria-busy", "true");
  button?.classList.add("is-busy");
}

function ready(form) {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
  form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
}

// Before htmx and the browser see it: a second press of the button sends nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sending !== undefined) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (!form.matches("[hx-post], [data-hx-post]")) setTimeout(() => !event.defaultPrevented && busy(form, event.submitter));
}, true);

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (elt.matches("form[method='post']")) busy(elt, requestConfig.triggeringEvent?.submitter ?? elt.querySelector(".btn-primary, .btn-danger"));
  else if (elt.matches(".btn")) elt.classList.add("is-busy");
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  elt.classList.remove("is-busy");
  if (!elt.matches("form")) return;
  ready(elt);
  if (successful && event.detail.xhr.status !== 422) delete elt.dataset.dirty;
});

// Back to a page that the browser kept: its buttons work again.
addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(ready));

document.addEventListener("change", (event) => {
  event.target.closest("[data-autosubmit]")?.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form || !event.submitter?.value) return;
  event.preventDefault();
  const theme = event.submitter.value;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  document.documentElement.dataset.theme = theme;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", button === event.submitter);
  dispatchEvent(new Event("belvedere:theme"));
});
