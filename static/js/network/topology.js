// The picture of networks: draws the lines between cards, and lifts those of the card that is pointed at.

const SPACE = 24;
let lit = "";

function line(from, to, frame) {
  const a = from.getBoundingClientRect(), b = to.getBoundingClientRect();
  const isRight = b.left > a.right;
  const x1 = (isRight ? a.right : a.left) - frame.left, x2 = (isRight ? b.left : b.right) - frame.left;
  const y1 = a.top + Math.min(a.height / 2, SPACE) - frame.top, y2 = b.top + Math.min(b.height / 2, SPACE) - frame.top;
  const bend = (x1 + x2) / 2;
  return `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`;
}

function draw() {
  for (const picture of document.querySelectorAll("[data-topology]")) {
    const svg = picture.querySelector("svg.topology-lines");
    const frame = picture.getBoundingClientRect();
    svg.replaceChildren();
    svg.setAttribute("width", picture.scrollWidth);
    svg.setAttribute("height", picture.scrollHeight);
    // In one column there is no room for lines: the cards name what they lead to.
    if (getComputedStyle(svg).display === "none") continue;
    for (const from of picture.querySelectorAll("[data-links]")) {
      for (const id of from.dataset.links.split(" ").filter(Boolean)) {
        const to = document.getElementById(`node-${id}`);
        if (!to || !picture.contains(to)) continue;
        const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
        path.setAttribute("d", line(from, to, frame));
        path.dataset.ends = `${from.id} ${to.id}`;
        svg.append(path);
      }
    }
  }
  if (lit) lift(document.getElementById(lit));
}

function lift(node) {
  lit = node?.id ?? "";
  for (const path of document.querySelectorAll(".topology-lines path")) {
    path.classList.toggle("is-lit", !!node && path.dataset.ends.split(" ").includes(node.id));
  }
}

for (const [on, off] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  document.addEventListener(on, (event) => lift(event.target.closest?.(".topology .node")));
  document.addEventListener(off, () => lift(null));
}

document.addEventListener("keydown", (event) => {
  const node = event.target.closest?.(".topology .node");
  if (!node || event.target !== node || !event.key.startsWith("Arrow")) return;
  const column = node.closest(".topology-column");
  const nodes = [...column.querySelectorAll(".node")];
  const columns = [...document.querySelectorAll(".topology-column")];
  const place = nodes.indexOf(node), beside = columns.indexOf(column);
  const next = {
    ArrowUp: nodes[place - 1],
    ArrowDown: nodes[place + 1],
    ArrowLeft: columns[beside - 1]?.querySelector(".node"),
    ArrowRight: columns[beside + 1]?.querySelector(".node"),
  }[event.key];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// What was unfolded stays so when the picture comes anew.
let open = [];
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id === "topology") open = [...event.detail.target.querySelectorAll("details[open][id]")].map((each) => each.id);
});
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  open = [];
});

document.addEventListener("toggle", (event) => event.target.closest?.("[data-topology]") && draw(), true);
document.addEventListener("htmx:load", draw);
addEventListener("resize", draw);
draw();
