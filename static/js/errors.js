// What did not work is said in words, with the request's id; nothing fails in silence.
import { text, toast } from "./say.js";
import { open } from "./dialog.js";

const isQuiet = (element) => element?.matches?.("[data-live], [data-quiet], #tray-list");

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, elt } = event.detail;
  // 401 opens the sign-in dialog (signInAgain, session.js).
  if (xhr.status === 401 || isQuiet(elt)) return;
  const id = xhr.getResponseHeader("X-Request-ID");
  const isHtml = (xhr.getResponseHeader("Content-Type") ?? "").includes("html");
  const page = isHtml ? new DOMParser().parseFromString(xhr.responseText, "text/html") : null;
  const words = page?.querySelector(".fault-sentence, .error-page h1")?.textContent.trim();
  toast(words || text("failed", xhr.status), { isBad: true, note: id ? text("request", id) : "", key: "response" });
});

document.addEventListener("htmx:sendError", (event) => {
  if (!isQuiet(event.detail.elt)) toast(text(navigator.onLine ? "unreachable" : "offline"), { isBad: true, key: "send" });
});

document.addEventListener("htmx:timeout", (event) => {
  if (!isQuiet(event.detail.elt)) toast(text("slow"), { isBad: true, key: "send" });
});

// A menu or dialog that can't be had says why in its own place.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (xhr.status >= 400 && xhr.status !== 401 && target?.matches("#row-menu, #dialog-body, #switcher-body") && xhr.responseText.includes("fault")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    if (target.id === "dialog-body") open(document.getElementById("dialog"), event.detail.requestConfig?.elt);
  }
});
