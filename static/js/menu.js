// Menus: puts a popover beside what opened it, and moves through it by arrow keys. Row menus are fetched when opened.

const anchors = new WeakMap();
let closed = { anchor: null, at: 0 };

/** What opened this popover. */
export const anchorOf = (pop) => anchors.get(pop) ?? document.querySelector(`[popovertarget="${CSS.escape(pop.id)}"]`);

function place(pop) {
  const anchor = anchorOf(pop);
  if (!anchor?.isConnected || pop.classList.contains("side")) return;
  // From the corner it has all the width that it wants; where it was placed before it may have less.
  Object.assign(pop.style, { left: "0", top: "0", right: "auto", bottom: "auto", margin: "0" });
  const from = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = pop;
  const below = from.bottom + 4 + height <= innerHeight - 8 || from.top < height + 12;
  const isEnd = from.left + width > innerWidth - 8;
  pop.dataset.placed = "";
  Object.assign(pop.style, {
    left: `${Math.max(8, isEnd ? from.right - width : from.left)}px`,
    top: `${Math.max(8, below ? Math.min(from.bottom + 4, innerHeight - 8 - height) : from.top - 4 - height)}px`,
  });
}

const items = (pop) => [...pop.querySelectorAll(".pop-item, .dropdown-item, button, select, a[href]")].filter((item) => item.offsetParent);

document.addEventListener("toggle", (event) => {
  const pop = event.target;
  if (!pop.matches?.("[popover]")) return;
  const isOpen = event.newState === "open";
  const anchor = anchorOf(pop);
  anchor?.setAttribute("aria-expanded", isOpen);
  if (isOpen) {
    place(pop);
    if (pop.querySelector("[hx-trigger~='open']")) htmx.trigger(pop.querySelector("[hx-trigger~='open']"), "open");
  } else {
    closed = { anchor, at: performance.now() };
    // The browser gives the focus back, but not to a row that was drawn anew meanwhile.
    if (document.activeElement === document.body && !document.querySelector("dialog[open]")) {
      (anchor?.isConnected ? anchor : document.getElementById(anchor?.id))?.focus({ preventScroll: true });
    }
  }
}, true);

// In the capturing phase: before htmx asks for the menu.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  const pop = document.getElementById("row-menu");
  if (!button || !pop) return;
  event.preventDefault();
  // Pressing the button closed the menu already (detail is 0 when keys did it).
  if (event.detail && closed.anchor === button && performance.now() - closed.at < 300) return;
  anchors.set(pop, button);
  pop.replaceChildren(Object.assign(document.createElement("p"), { className: "pop-empty", textContent: pop.dataset.wait }));
  pop.showPopover();
  place(pop);
}, true);

document.addEventListener("click", (event) => {
  event.target.closest(".pop:not([data-stays]) :is(a, .dropdown-item:not([aria-disabled]))")?.closest(".pop").hidePopover();
  for (const details of document.querySelectorAll("details.filter-help[open], details.columns[open], details.bulk-more[open]")) {
    if (!details.contains(event.target) || event.target.closest(".bulk-more-body .btn")) details.open = false;
  }
});

document.addEventListener("htmx:confirm", (event) => {
  // The click that closed a menu does not fetch it again.
  if (event.target.matches?.("[data-menu]") && !document.getElementById("row-menu").matches(":popover-open")) event.preventDefault();
});

document.addEventListener("htmx:afterSwap", (event) => {
  const pop = event.target.closest?.(".pop");
  if (!pop?.matches(":popover-open")) return;
  place(pop);
  if (pop.id === "row-menu") items(pop).find((item) => item.getAttribute("aria-disabled") !== "true")?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const details = event.target.closest?.("details.filter-help[open], details.columns[open], details.bulk-more[open]");
    if (details) {
      details.open = false;
      details.querySelector("summary").focus();
    }
  }
  const pop = event.target.closest?.(".pop");
  if (!pop && event.key === "ArrowDown" && event.target.matches?.("[data-menu], [popovertarget]")) {
    event.preventDefault();
    event.target.click();
    return;
  }
  if (!pop || event.target.matches("select, input")) return;
  const all = items(pop);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all.at(to === all.length ? 0 : to)?.focus();
  } else if (event.key === "Tab" && pop.id === "row-menu") {
    pop.hidePopover();
  }
});

addEventListener("resize", () => document.querySelectorAll(".pop:popover-open").forEach(place));
