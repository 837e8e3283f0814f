// Files and folders that are dropped or chosen go to Swift a few at a time. Without this, a plain form sends them.
import { announce } from "../say.js";
import { chosen, dropped } from "./gather.js";
import { discard, send } from "./send.js";
import { size, time } from "../pages/units.js";

const AT_ONCE = 3;
const SHOWN = 60;
const ENDS = ["done", "skipped", "cancelled"];

const root = document.querySelector("[data-uploader]");
const find = (selector) => root.querySelector(selector);
const words = (name, values = {}) => (root.dataset[name] ?? "").replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
const urls = () => ({ begin: root.dataset.beginUrl, object: root.dataset.objectUrl, segment: root.dataset.segmentUrl, finish: root.dataset.finishUrl, discard: root.dataset.discardUrl });

const jobs = [];
const asking = [];
let policy = "";
let isPaused = false;
let marks = [];
let drawn = 0;

// What waits, and what runs

function add(list) {
  if (!list.length) return;
  if (jobs.every((job) => ENDS.includes(job.state))) {
    jobs.forEach((job) => job.row?.remove());
    jobs.length = 0;
    marks = [];
    policy = "";
  }
  const prefix = root.dataset.prefix ?? "";
  const days = Number(find("[name=days]")?.value) || 0;
  for (const { file, path, isUnreadable } of list) {
    const job = { file, isUnreadable, urls: urls(), first: prefix + path, name: prefix + path, days, state: "waiting", sent: 0, kept: 0, copies: 1 };
    jobs.push(job);
    const why = isUnreadable ? words("unreadable") : whyNot(job);
    if (why) fail(job, why);
  }
  root.hidden = false;
  run();
}

function whyNot({ name, file }) {
  const length = new TextEncoder().encode(name).length;
  if (length > Number(root.dataset.longest)) return words("toolong", { length, most: root.dataset.longest });
  return file.size > Number(root.dataset.most) ? words("toolarge", { most: size(Number(root.dataset.most)) }) : "";
}

function run() {
  while (!isPaused && jobs.filter((job) => job.state === "sending").length < AT_ONCE) {
    const job = jobs.find(({ state }) => state === "waiting");
    if (!job) break;
    start(job);
  }
  draw();
}

async function start(job) {
  const controller = new AbortController();
  Object.assign(job, { state: "sending", why: "", stop: () => controller.abort(), signal: controller.signal });
  try {
    await send(job, job.urls, { days: job.days, promise: Number(root.dataset.promise) }, (loaded, kept) => {
      Object.assign(job, { sent: loaded, kept });
      draw();
    });
    Object.assign(job, { state: "done", sent: job.file.size });
  } catch (trouble) {
    if (job.state === "sending") told(job, trouble);
  }
  if (job.state === "cancelled" && job.isSegmented) await discard(job, job.urls);
  run();
  if (!jobs.some(isOpen)) ended();
}

const isOpen = ({ state }) => ["waiting", "sending", "asking"].includes(state);

function told(job, trouble) {
  job.sent = job.kept;
  if (trouble.kind === "exists") exists(job, trouble.existing);
  else if (trouble.kind === "signin") {
    job.state = "waiting";
    isPaused = true;
    find("[data-signed-out]").hidden = false;
    document.dispatchEvent(new CustomEvent("signInAgain", { detail: {} }));
  } else if (trouble.kind === "stopped") job.state = "cancelled";
  else fail(job, trouble.kind === "unreadable" ? words("unreadable") : trouble.message || words("broke"));
}

function fail(job, why) {
  Object.assign(job, { state: "failed", why, sent: job.kept });
  announce(`${job.name}: ${why}`);
}

function cancel(job) {
  if (job.state === "waiting" && job.isSegmented) discard(job, job.urls);
  const wasSending = job.state === "sending";
  job.state = "cancelled";
  job.sent = 0;
  if (wasSending) job.stop();
}

function ended() {
  draw(true);
  const done = jobs.filter(({ state }) => state === "done").length;
  announce(words("ended", { done, count: jobs.length }));
  // The list behind it shows what is new, and this stays as it is.
  if (done && root.hasAttribute("data-folds") && !document.querySelector("dialog[open], [data-tick]:checked")) htmx.ajax("GET", location.pathname + location.search, { target: "#tabs", swap: "outerHTML" });
}

// Names that are taken

function exists(job, existing) {
  job.existing = existing;
  job.state = "asking";
  if (policy) decide(job, policy);
  else {
    asking.push(job);
    ask();
  }
}

function ask() {
  const box = find("[data-ask]");
  while (asking.length && asking[0].state !== "asking") asking.shift();
  const [job] = asking;
  const wasHidden = box.hidden;
  box.hidden = !job;
  if (!job) return;
  box.querySelector("[data-ask-name]").textContent = job.name;
  const old = job.existing;
  box.querySelector("[data-ask-old]").textContent = old ? words("old", { size: size(old.size), when: old.changed ? new Date(old.changed).toLocaleString(document.documentElement.lang) : "?" }) : "";
  box.querySelector("[data-ask-new]").textContent = words("new", { size: size(job.file.size), when: new Date(job.file.lastModified).toLocaleString(document.documentElement.lang) });
  if (wasHidden) box.focus();
}

function decide(job, how) {
  if (job.state !== "asking") return;
  if (how === "skip") job.state = "skipped";
  else {
    if (how === "replace") job.mayReplace = true;
    else {
      job.copies += 1;
      const [, stem, ending] = /^(.*?[^/])?(\.[^./]*)?$/s.exec(job.first);
      job.name = stem ? `${stem} (${job.copies})${ending ?? ""}` : `${job.first} (${job.copies})`;
    }
    job.isAgain = job.isWhole = false;
    job.state = "waiting";
    const why = whyNot(job);
    if (why) fail(job, why);
  }
  if (!jobs.some(isOpen)) ended();
}

function decided(how) {
  const isAll = find("[data-ask-all]").checked;
  if (isAll) policy = how;
  const which = isAll ? asking.splice(0) : asking.splice(0, 1);
  which.forEach((job) => decide(job, how));
  find("[data-ask-all]").checked = false;
  ask();
  run();
}

// What is seen

function draw(isNow = false) {
  const now = performance.now();
  if (!isNow && now - drawn < 150) {
    if (!draw.timer) draw.timer = setTimeout(() => { draw.timer = 0; draw(true); }, 160);
    return;
  }
  drawn = now;
  jobs.forEach(drawRow);
  const seen = jobs.filter((job) => job.row);
  // Those that are there need no row for long.
  seen.filter(({ state }) => ENDS.includes(state)).slice(0, Math.max(0, seen.length - SHOWN)).forEach((job) => { job.row.remove(); job.row = null; job.wasShown = true; });
  const counted = jobs.filter(({ state }) => !["skipped", "cancelled", "failed"].includes(state));
  const all = counted.reduce((sum, { file }) => sum + file.size, 0);
  const got = counted.reduce((sum, { sent }) => sum + sent, 0);
  const count = (state) => jobs.filter((job) => job.state === state).length;
  marks.push([now, got]);
  while (marks.length > 2 && now - marks[0][0] > 5000) marks.shift();
  const speed = Math.max(0, got - marks[0][1]) / Math.max(0.001, (now - marks[0][0]) / 1000);
  const isRunning = jobs.some(isOpen);
  find("[data-sum]").hidden = !jobs.length;
  find("[data-sum-bar]").value = all ? (100 * got) / all : isRunning ? 0 : 100;
  const values = { done: count("done"), count: jobs.length, got: size(got), all: size(all), speed: size(speed), left: time((all - got) / Math.max(1, speed)) };
  find("[data-sum-words]").textContent = isRunning ? words(speed > 0 ? "sum" : "sumFirst", values) : words("ended", values);
  const failed = count("failed");
  find("[data-failed]").hidden = !failed;
  find("[data-failed-count]").textContent = failed;
  const waiting = jobs.filter((job) => job.state === "waiting" && !job.row).length;
  find("[data-more]").hidden = !waiting;
  find("[data-more-count]").textContent = waiting;
  find("[data-cancel-all]").hidden = !isRunning;
  find("[data-close-list]").hidden = isRunning;
  root.classList.toggle("is-running", isRunning);
}

function drawRow(job) {
  if (!job.row && (job.state === "waiting" || (ENDS.includes(job.state) && job.wasShown))) return;
  if (!job.row) {
    if (ENDS.includes(job.state) && jobs.length > SHOWN) return;
    job.row = find("[data-row]").content.firstElementChild.cloneNode(true);
    job.row.job = job;
    find("[data-files]").append(job.row);
  }
  const at = (selector) => job.row.querySelector(selector);
  at("[data-name]").textContent = job.name;
  const bar = at("progress");
  bar.hidden = job.state !== "sending";
  bar.setAttribute("aria-label", job.name);
  bar.value = job.file.size ? (100 * job.sent) / job.file.size : 0;
  const values = { got: size(job.sent), all: size(job.file.size), there: size(job.wasThere ?? 0) };
  const parts = job.state === "sending" ? [words(job.sent >= job.file.size ? "finishing" : "of", values)] : job.state === "failed" ? [job.why] : [words(job.state)];
  if (job.wasThere && job.state !== "failed") parts.push(words("resumed", values));
  at("[data-words]").textContent = parts.join(" · ");
  job.row.dataset.state = job.state;
  at("[data-cancel]").hidden = !isOpen(job);
  at("[data-retry]").hidden = job.state !== "failed" || job.isUnreadable;
}

// What people do

function take(input) {
  const list = chosen(input);
  input.value = "";
  add(list);
}

function begin() {
  root.classList.add("is-live");
  root.addEventListener("change", (event) => {
    // What is typed goes with the files; they are sent at once, so nothing is left to lose.
    delete event.target.form?.dataset.dirty;
    if (event.target.matches("[type=file]")) take(event.target);
  });
  root.addEventListener("submit", (event) => event.preventDefault(), true);
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const job = button?.closest("[data-row-of]")?.job;
    if (!button) return;
    if (button.matches("[data-choose]")) find(`#${button.dataset.choose}`).click();
    if (button.matches("[data-answer]")) decided(button.dataset.answer);
    if (button.matches("[data-cancel]")) cancel(job);
    if (button.matches("[data-retry]")) again(job);
    if (button.matches("[data-retry-all]")) jobs.filter(({ state }) => state === "failed").forEach(again);
    if (button.matches("[data-cancel-all]")) jobs.filter(isOpen).forEach(cancel);
    if (button.matches("[data-close-list]")) close();
    ask();
    run();
    if (job && !jobs.some(isOpen)) ended();
  });
  document.addEventListener("signedIn", () => {
    isPaused = false;
    find("[data-signed-out]").hidden = true;
    run();
  });
  addEventListener("beforeunload", (event) => { if (jobs.some(isOpen)) event.preventDefault(); });
  let depth = 0;
  const isFiles = (event) => event.dataTransfer?.types.includes("Files") && !event.target.closest?.("dialog");
  const over = (isOver) => { root.classList.toggle("is-over", isOver); document.body.classList.toggle("is-dropping", isOver); };
  document.addEventListener("dragenter", (event) => { if (isFiles(event)) { depth += 1; over(true); } });
  document.addEventListener("dragleave", (event) => { if (isFiles(event)) { depth = Math.max(0, depth - 1); over(depth > 0); } });
  document.addEventListener("dragover", (event) => { if (isFiles(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } });
  document.addEventListener("drop", async (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    depth = 0;
    over(false);
    add(await dropped(event.dataTransfer));
  });
  // Another folder's list came into the page: what is under way stays, and the next files go there.
  document.addEventListener("htmx:afterSettle", () => {
    const fresh = [...document.querySelectorAll("[data-uploader]")].find((place) => place !== root);
    if (!fresh) return;
    Object.assign(root.dataset, { ...fresh.dataset });
    fresh.replaceWith(root);
    // Files of the list that was here before may be in the question still.
    ask();
  });
  // Some may have been chosen before this was there.
  root.querySelectorAll("[type=file]").forEach((input) => { if (input.files.length) take(input); });
}

function again(job) {
  // What stands for a file that could not be opened is empty, and nothing to send.
  if (!job.isUnreadable) Object.assign(job, { state: "waiting", isAgain: true, why: "" });
}

function close() {
  jobs.forEach((job) => job.row?.remove());
  jobs.length = 0;
  draw(true);
  if (root.hasAttribute("data-folds")) root.hidden = true;
}

if (root) begin();
