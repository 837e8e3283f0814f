// The one dialog: opens when something is put into it, keeps the focus, and gives it back.
import { anchorOf } from "./menu.js";
import { isDirty, mayLeave } from "./forms.js";

let opener = null;
let openerId = "";

export function open(dialog, from = document.activeElement) {
  if (dialog.open) return;
  const pop = from?.closest?.(".pop");
  opener = pop ? anchorOf(pop) : from;
  openerId = opener?.id || opener?.closest?.("tr[id]")?.id || "";
  if (pop?.matches(":popover-open")) pop.hidePopover();
  dialog.showModal();
}

function focusFirst(body) {
  const first = body.querySelector("[data-autofocus], [autofocus]") ?? body.querySelector("[aria-invalid='true']")
    ?? body.querySelector("input:not([type=hidden], :disabled), select:not(:disabled), textarea:not(:disabled)")
    ?? (body.querySelector(".btn-danger") ? body.querySelector("[data-close]") : body.querySelector(".btn-primary"))
    ?? body.querySelector("[data-close]");
  first?.focus();
}

document.addEventListener("htmx:afterSwap", (event) => {
  const body = event.detail.target;
  const dialog = body?.matches?.("#dialog-body, #again-body, #switcher-body") && body.closest("dialog");
  if (!dialog || !body.childElementCount) return;
  open(dialog, event.detail.requestConfig?.elt);
  dialog.classList.toggle("is-wide", !!body.querySelector(".is-wide, .dialog-wide"));
  focusFirst(body);
});

document.addEventListener("closeDialog", () => document.getElementById("dialog")?.close());

document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  if (event.target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
  } else if (event.target === dialog) {
    // On the backdrop, not on something in the dialog that reaches over its edge.
    const box = dialog.getBoundingClientRect();
    const isOut = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (isOut && dialog.id !== "again" && !isDirty(dialog)) dialog.close();
  }
});

document.addEventListener("cancel", (event) => {
  if (event.target.matches?.("dialog") && !mayLeave(event.target)) event.preventDefault();
}, true);

document.addEventListener("close", (event) => {
  const dialog = event.target;
  if (!dialog.matches?.("dialog")) return;
  dialog.querySelector("#dialog-body")?.replaceChildren();
  if (opener?.isConnected) opener.focus();
  else {
    const again = document.getElementById(openerId);
    (again?.matches("tr") ? again.querySelector(".row-menu, a") : again ?? document.getElementById("content"))?.focus();
  }
}, true);
