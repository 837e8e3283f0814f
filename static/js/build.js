// A page that stays open over an upgrade says so, once: its scripts are older than what it is sent.
import { text, toast } from "./say.js";

const own = document.querySelector("meta[name=build]")?.content;
let isSaid = false;

document.addEventListener("htmx:afterRequest", (event) => {
  const build = event.detail.xhr?.getResponseHeader?.("X-Build");
  if (isSaid || !own || !build || build === own) return;
  isSaid = true;
  toast(text("updated"), { action: { label: text("reload"), run: () => location.reload() } });
});
