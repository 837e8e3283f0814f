// One file on its way: whole, or in segments of which those that are there already are not sent again.
const PAUSES = [1000, 2000, 4000, 8000, 15000];

const headers = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");

/** What keeps a file from being sent: kind is "exists", "signin", "busy", "broke", "unreadable", "stopped" or "refused". */
export class Trouble extends Error {
  constructor(kind, text = "", existing = null) {
    super(text);
    this.kind = kind;
    this.existing = existing;
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); reject(new Trouble("stopped")); }, { once: true });
  });
}

function answered(status, text, type) {
  let body = {};
  try { body = JSON.parse(text); } catch { /* a page of words, e.g. to sign in again */ }
  if (status < 300 && type.includes("json")) return body;
  if (status === 401 || status < 400) throw new Trouble("signin");
  if (body.kind === "exists") throw new Trouble("exists", body.error, body.existing ?? null);
  if (body.kind === "busy") throw new Trouble("busy", body.error);
  if (body.kind === "broken") throw new Trouble("broke");
  throw new Trouble(status >= 500 ? "broke" : "refused", body.error ?? "");
}

async function post(url, fields, signal) {
  let answer;
  try {
    answer = await fetch(url, { method: "POST", body: new URLSearchParams(fields), headers: { ...headers(), Accept: "application/json" }, signal });
  } catch {
    throw new Trouble(signal?.aborted ? "stopped" : "broke");
  }
  return answered(answer.status, await answer.text(), answer.headers.get("Content-Type") ?? "");
}

function put(url, params, blob, type, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const stop = () => xhr.abort();
    const end = (settle) => () => { signal.removeEventListener("abort", stop); settle(); };
    if (signal.aborted) { reject(new Trouble("stopped")); return; }
    signal.addEventListener("abort", stop);
    xhr.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    xhr.addEventListener("abort", end(() => reject(new Trouble("stopped"))));
    xhr.addEventListener("error", end(() => reject(new Trouble("broke"))));
    xhr.addEventListener("load", end(() => {
      try { resolve(answered(xhr.status, xhr.responseText, xhr.getResponseHeader("Content-Type") ?? "")); } catch (trouble) { reject(trouble); }
    }));
    xhr.open("PUT", `${url}?${new URLSearchParams(params)}`);
    for (const [name, value] of Object.entries(headers())) xhr.setRequestHeader(name, value);
    xhr.setRequestHeader("Content-Type", type || "application/octet-stream");
    xhr.setRequestHeader("Accept", "application/json");
    xhr.send(blob);
  });
}

/** Whether the browser can still read it: it may have been changed, moved or deleted since it was chosen. */
async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function once(job, urls, options, onProgress) {
  const { file, name, signal } = job;
  const asked = { name, size: file.size, time: file.lastModified };
  const more = { ...(job.mayReplace ? { replace: "1" } : {}), ...(options.days ? { days: options.days } : {}) };
  const isSmall = file.size <= options.promise && !job.isAgain;
  const plan = isSmall ? { segment: 0, existing: null } : await post(urls.begin, asked, signal);
  if (plan.existing && !job.mayReplace) {
    // What broke after all of it was there: nobody else's has that size just now.
    if (job.isAgain && job.isWhole && plan.existing.size === file.size) return;
    throw new Trouble("exists", "", plan.existing);
  }
  if (!plan.segment) {
    await put(urls.object, { name, ...more }, file, file.type, (loaded) => { job.isWhole = loaded >= file.size; onProgress(loaded, 0); }, signal);
    return;
  }
  job.isSegmented = true;
  const done = new Set(plan.done);
  const length = (number) => Math.min(plan.segment, file.size - number * plan.segment);
  let there = [...done].reduce((sum, number) => sum + length(number), 0);
  job.wasThere = Math.max(job.wasThere ?? 0, job.isAgain ? 0 : there);
  onProgress(there, there);
  for (let number = 0; number < plan.count; number += 1) {
    if (done.has(number)) continue;
    const from = number * plan.segment;
    await put(urls.segment, { ...asked, ...more, number }, file.slice(from, from + length(number)), "", (loaded) => onProgress(there + loaded, there), signal);
    there += length(number);
    job.tries = 0;
    onProgress(there, there);
  }
  job.isWhole = true;
  await post(urls.finish, { ...asked, ...more, type: file.type }, signal);
}

/** Sends a file; a line that breaks, and a service that is busy, are waited for. Throws Trouble. */
export async function send(job, urls, options, onProgress) {
  job.tries = 0;
  for (;;) {
    try {
      await once(job, urls, options, onProgress);
      return;
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      if (!["broke", "busy"].includes(trouble.kind)) throw trouble;
      if (trouble.kind === "broke" && !(await isReadable(job.file))) throw new Trouble("unreadable");
      if (job.tries >= PAUSES.length) throw trouble;
      job.isAgain ||= trouble.kind === "broke";
      await pause(PAUSES[job.tries], job.signal);
      job.tries += 1;
    }
  }
}

/** Takes away what a file that was given up has left. */
export async function discard(job, urls) {
  const { file, name } = job;
  await post(urls.discard, { name, size: file.size, time: file.lastModified }).catch(() => null);
}
