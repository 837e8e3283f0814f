// The tabs of one resource's page.

// Something was done on a page that does not follow a snapshot: its tab is read anew.
document.addEventListener("refresh", () => {
  if (document.getElementById("tabs") && !document.querySelector("[data-live]")) htmx.ajax("GET", location.href, { target: "#tabs", swap: "outerHTML" });
});

// Whoever chose another tab meanwhile keeps it: what was asked for by itself comes too late then.
let chosen = 0;
const isChosen = ({ target, elt }) => target?.id === "tabs" && elt !== document.body;
document.addEventListener("htmx:beforeRequest", ({ detail }) => { if (isChosen(detail)) chosen += 1; });
document.addEventListener("htmx:afterRequest", ({ detail }) => { if (isChosen(detail)) chosen -= 1; });
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target, requestConfig } = detail;
  if (target?.id !== "tabs" || requestConfig?.elt !== document.body) return;
  if (chosen || new URL(requestConfig.path, location).href !== location.href) detail.shouldSwap = false;
});
