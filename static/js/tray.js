// Looks again at what is running, on whatever page, while something does and somebody looks.
const PAUSE = 3000;

setInterval(() => {
  if (!document.hidden && document.querySelector("#tray-count[data-running]")) htmx.trigger(document.body, "operations");
}, PAUSE);
