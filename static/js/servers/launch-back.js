// What was typed in the launch form comes back with the browser's Back, under the same key, so that it never launches
// twice. It is kept in the page's own entry of the history, without what may be secret.
const SECRET = /^(csrfmiddlewaretoken|user_data|public_key|new_key_name|do|file_.*)$/;
const LATER = 300;

const typed = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !SECRET.test(name));

function keep(form) {
  if (form) history.replaceState({ ...history.state, launch: typed(form) }, "");
}

function restore(form, pairs) {
  const values = new FormData();
  for (const [name, value] of pairs) values.append(name, value);
  values.set("do", "back");
  values.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  window.htmx?.ajax("POST", form.action, { source: document.body, target: "#launch-form", select: "#launch-form", swap: "outerHTML", values });
}

/** Keeps what is typed, and brings it back on a page that one came back to or loaded again. */
export function keepDraft(getForm) {
  const how = performance.getEntriesByType("navigation")[0]?.type;
  const pairs = history.state?.launch;
  if (pairs && ["back_forward", "reload"].includes(how)) restore(getForm(), pairs);
  let timer = 0;
  const soon = (event) => {
    if (event.target.form !== getForm()) return;
    clearTimeout(timer);
    timer = setTimeout(() => keep(getForm()), LATER);
  };
  document.addEventListener("input", soon);
  document.addEventListener("change", soon);
  document.addEventListener("submit", (event) => event.target === getForm() && keep(getForm()), true);
}
