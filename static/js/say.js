// Says things: texts come from the page (#texts), so that they are in the person's language.

export const text = (name, value = "") => (document.getElementById("texts")?.dataset[name] ?? "").replace("%s", value);

/** Tells screen readers. */
export function announce(words) {
  const place = document.getElementById("announce");
  if (place) place.textContent = words;
}

/** A short note in the corner; bad ones stay until they are dismissed. `action` is {label, run}. */
export function toast(words, { isBad = false, note = "", action = null, key = "" } = {}) {
  const place = document.getElementById("toasts");
  const template = document.getElementById("toast");
  if (!place || !template) return;
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.dataset.key = key;
  toast.classList.toggle("is-bad", isBad);
  const place2 = toast.querySelector(".toast-text");
  place2.append(words);
  if (note) place2.append(Object.assign(document.createElement("small"), { textContent: note }));
  if (action) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: action.label });
    button.addEventListener("click", () => { toast.remove(); action.run(); });
    place2.after(button);
  }
  place.append(toast);
  if (!isBad && !action) setTimeout(() => toast.remove(), 6000);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss], [data-toast-close]")?.closest(".toast-note, [data-toast]")?.remove();
});

// Toasts that the server sends go by themselves as well, but for those that say what went wrong.
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) {
    if (node.matches?.("[data-toast]:not(.is-danger)")) setTimeout(() => node.remove(), 6000);
  }
}).observe(document.getElementById("toasts") ?? document.createElement("i"), { childList: true });
