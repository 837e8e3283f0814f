// What is on its way is asked for again by itself: [data-again] holds the milliseconds. Not in a hidden tab.

const waiting = new WeakSet();
let hidden = [];

function ask(element) {
  if (!element.isConnected) return;
  if (document.hidden) hidden.push(element);
  else htmx.trigger(element, "again");
}

function begin() {
  for (const element of document.querySelectorAll("[data-again]")) {
    if (waiting.has(element)) continue;
    waiting.add(element);
    setTimeout(ask, Number(element.dataset.again) || 2000, element);
  }
}

document.addEventListener("htmx:afterSettle", begin);
// One that failed is asked for once more, later.
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  if (!successful && elt.matches?.("[data-again]") && elt.isConnected) setTimeout(ask, 5000, elt);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  const due = hidden;
  hidden = [];
  due.forEach(ask);
});
begin();
