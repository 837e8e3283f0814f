// Copies a value, also on plain http, where browsers have no clipboard for scripts.
import { announce, text, toast } from "./say.js";

async function put(value, near) {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(value);
  const field = Object.assign(document.createElement("textarea"), { value, className: "visually-hidden" });
  (near.closest("dialog[open]") ?? document.body).append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  near.focus({ preventScroll: true });
  if (!isDone) throw new Error("copy");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  try {
    await put(button.dataset.copy, button);
    button.classList.add("is-done");
    announce(text("copied"));
    setTimeout(() => button.classList.remove("is-done"), 1200);
  } catch {
    toast(text("copyFailed"), { isBad: true });
  }
});
