// Sends an image's file as the body of one request, and shows how far it is. Without this, a plain form does the same.
import { size, time } from "../pages/units.js";
import { detect, differs } from "./formats.js";

const form = document.querySelector("form[data-upload]");
const find = (selector) => form.querySelector(selector);
const panel = form && find("[data-progress]");
const ended = form && find("[data-ended]");
const headers = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
const words = (name, values = {}) => (panel.dataset[name] ?? "").replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);

let found = { disk: "", container: "", name: "" };
let image = null;
let request = null;
let isSure = false;

const chosen = () => find("#id_file").files[0];
const source = () => form.elements.source?.value ?? "file";

/** What is shown in place of the fields: "", "uploading" or "ended"; the buttons of an end are named. */
function show(state, why = "", buttons = []) {
  form.classList.toggle("is-uploading", state === "uploading");
  panel.hidden = state !== "uploading";
  ended.hidden = state !== "ended";
  if (state !== "ended") return;
  const isAsking = buttons.includes("sure");
  ended.classList.toggle("is-warn", isAsking);
  ended.classList.toggle("is-bad", !isAsking);
  ended.querySelector("[data-why]").textContent = why;
  for (const name of ["again", "sure", "use", "remove"]) ended.querySelector(`[data-${name}]`).hidden = !buttons.includes(name);
  ended.focus();
}

function told(text) {
  const place = find("[data-file-hint]");
  if (place) place.textContent = text;
}

async function look() {
  const file = chosen();
  if (!file) return;
  found = await detect(file);
  isSure = false;
  told(found.name ? words("told", { found: found.name }) : words("unknown"));
  if (form.dataset.upload !== "new") return;
  const { name } = form.elements;
  if (!name.value) name.value = file.name.replace(/\.(qcow2|img|raw|vhdx?|vmdk|vdi|iso|ova|gz|xz|bz2|zst)$/gi, "");
}

/** What the file is against what was chosen; true if it may be sent. */
function fits() {
  const disk = form.elements.disk_format?.value ?? form.dataset.diskFormat;
  const container = form.elements.container_format?.value ?? form.dataset.container;
  if (!disk || isSure || !differs(found, disk, container || "bare")) return true;
  show("ended", words("ask", { found: found.name || "raw", wanted: disk }), form.dataset.upload === "new" ? ["use", "sure"] : ["sure", "remove"]);
  return false;
}

async function made() {
  const data = new FormData(form);
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), headers: { ...headers(), Accept: "application/json" } });
  if (answer.status === 201) return answer.json();
  if (!(answer.headers.get("Content-Type") ?? "").includes("html")) throw new Error(String(answer.status));
  // What was typed, with what is wrong with it.
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.getElementById("image-fields")) throw new Error(page.querySelector(".fault-sentence, .error-page h1, h1")?.textContent ?? String(answer.status));
  for (const id of ["image-source", "image-fields"]) {
    find(`#${id}`).replaceWith(document.importNode(page.getElementById(id), true));
    window.htmx?.process(find(`#${id}`));
  }
  const once = page.querySelector("input[name=once]")?.value;
  if (once) form.elements.once.value = once;
  follow();
  (find("[aria-invalid='true']") ?? find(".form-errors"))?.focus();
  return null;
}

function send(file) {
  const url = new URL(image.stream, location.href);
  if (isSure) url.searchParams.set("sure", "1");
  for (const box of form.querySelectorAll("input[name=store]:checked")) url.searchParams.append("store", box.value);
  if (find("input[name=staged]:checked")) url.searchParams.set("staged", "1");
  request = new XMLHttpRequest();
  const began = performance.now();
  const marks = [];
  panel.querySelector("[data-name]").textContent = file.name;
  show("uploading");
  const bar = panel.querySelector("progress");
  const line = panel.querySelector("[data-words]");
  let spoken = 0;
  bar.value = 0;
  line.textContent = `0 B / ${size(file.size)}`;
  request.upload.addEventListener("progress", (event) => {
    const now = performance.now();
    marks.push([now, event.loaded]);
    while (marks.length > 2 && now - marks[0][0] > 5000) marks.shift();
    const [then, before] = marks.length > 1 ? marks[0] : [began, 0];
    const speed = (event.loaded - before) / Math.max(0.001, (now - then) / 1000);
    bar.value = (100 * event.loaded) / file.size;
    if (event.loaded >= file.size) line.textContent = words("finishing");
    else if (now - spoken > 500) {
      spoken = now;
      line.textContent = words("of", { got: size(event.loaded), all: size(file.size), speed: size(speed), left: time((file.size - event.loaded) / Math.max(1, speed)) });
    }
  });
  request.addEventListener("load", () => answered(request));
  request.addEventListener("error", () => broke());
  request.open("PUT", url);
  for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("Accept", "application/json");
  request.send(file);
}

function leave(url) {
  request = null;
  delete form.dataset.dirty;
  form.dataset.sending = "";
  location.assign(url);
}

function answered(xhr) {
  let body = {};
  try { body = JSON.parse(xhr.responseText); } catch { /* a page of words, e.g. to sign in again */ }
  request = null;
  if (xhr.status < 300 && body.url) return leave(body.url);
  if (xhr.status === 401) document.dispatchEvent(new CustomEvent("signInAgain", { detail: {} }));
  if (xhr.status === 410) return show("ended", body.error ?? words("deleted"));
  return show("ended", body.error ?? words("broke"), body.kind === "format" ? ["sure", "remove"] : ["again", "remove"]);
}

/** The connection broke: the server may know why, or may have everything. */
async function broke() {
  request = null;
  const now = await fetch(image.state, { headers: { Accept: "application/json" } }).then((answer) => answer.json()).catch(() => null);
  if (now?.state === "active") return leave(now.url);
  if (now?.state === "gone") return show("ended", now.message);
  return show("ended", now?.message || words("broke"), ["again", "remove"]);
}

async function remove() {
  if (!image) return location.assign(form.dataset.index ?? location.href);
  const answer = await fetch(image.discard, { method: "POST", headers: { ...headers(), Accept: "application/json" } }).catch(() => null);
  const body = await answer?.json().catch(() => ({}));
  return body?.url ? leave(body.url) : show("ended", body?.error ?? words("broke"), ["remove"]);
}

async function begin() {
  const file = chosen();
  if (!file) {
    show("ended", words("nofile"));
    find("#id_file").focus();
    return;
  }
  if (!fits()) return;
  show("");
  if (!image) {
    form.dataset.sending = "";
    find("[data-send]")?.classList.add("is-busy");
    try {
      image = await made();
    } catch (error) {
      show("ended", error.message || words("broke"));
    }
    delete form.dataset.sending;
    find("[data-send]")?.classList.remove("is-busy");
  }
  if (image) send(file);
}

function follow() {
  const isFile = source() === "file";
  if (form.dataset.upload === "new") find("[data-file]").hidden = !isFile;
}

if (form && panel) {
  if (form.dataset.upload === "data") {
    const { stream, state, discard } = form.dataset;
    image = { stream, state, discard };
  }
  form.addEventListener("change", (event) => {
    if (event.target.id === "id_file") look();
    if (event.target.name === "source") follow();
  });
  // Before forms.js marks it as sent: this one is not sent by the browser.
  window.addEventListener("submit", (event) => {
    if (event.target !== form || event.submitter?.name === "show" || source() !== "file") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!request) begin();
  }, true);
  find("[data-cancel]").addEventListener("click", () => {
    request?.abort();
    request = null;
    remove();
  });
  ended.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-sure]")) { isSure = true; begin(); }
    if (button.matches("[data-again]")) begin();
    if (button.matches("[data-remove]")) remove();
    if (button.matches("[data-use]")) {
      form.elements.disk_format.value = found.disk || "raw";
      form.elements.container_format.value = found.container || "";
      begin();
    }
  });
  addEventListener("beforeunload", (event) => { if (request) event.preventDefault(); });
  follow();
  // The browser may have kept what was chosen before it went back.
  look();
}
