// Tables to choose from: rows that don't match what is typed are hidden, the chosen one never.
function offer(place) {
  place.querySelectorAll("[data-table-search]").forEach((field) => { field.hidden = false; });
}

document.addEventListener("input", (event) => {
  const field = event.target.closest?.("[data-table-search]");
  if (!field) return;
  const table = field.closest("[data-table-choice]");
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of table.querySelectorAll("tbody tr")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !row.querySelector(":checked") && !words.every((word) => text.includes(word));
    if (!row.hidden) shown += 1;
  }
  table.querySelector("[data-table-none]").hidden = shown > 0;
});

// Enter in the search chooses the only row left, and sends no form.
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-table-search]");
  if (!field || event.key !== "Enter") return;
  event.preventDefault();
  const left = [...field.closest("[data-table-choice]").querySelectorAll("tbody tr:not([hidden]) input:enabled")];
  left[0]?.focus();
  if (left.length === 1) left[0].click();
});

offer(document);
document.addEventListener("htmx:afterSettle", () => offer(document));
