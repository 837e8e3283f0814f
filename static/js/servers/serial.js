// A serial console: xterm.js in the page, and Nova's WebSocket, whose address is a key that is kept nowhere.

/**
 * xterm.js writes <style> elements and style attributes, which our policy forbids. It gets elements that hand the same
 * rules to the browser's own interface for styles, which the policy allows. This page shows nothing else.
 */
function allowStyles() {
  const make = document.createElement.bind(document);
  document.createElement = (name, options) => {
    if (name === "style") return sheetElement(make("template"));
    const element = make(name, options);
    const set = element.setAttribute.bind(element);
    element.setAttribute = (key, value) => {
      if (key === "style") element.style.cssText = value;
      else set(key, value);
    };
    return element;
  };
}

function sheetElement(element) {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  let text = "";
  Object.defineProperty(element, "textContent", {
    get: () => text,
    set: (value) => {
      text = value;
      sheet.replaceSync(value);
    },
  });
  return element;
}

async function begin(place) {
  const state = document.querySelector("[data-serial-state]");
  const say = (name) => { state.textContent = state.dataset[name]; };
  const url = place.dataset.serial;
  delete place.dataset.serial;
  allowStyles();
  const [{ Terminal }, { FitAddon }] = await Promise.all([
    import("../../vendor/xterm/xterm.js"),
    import("../../vendor/xterm/addon-fit.js"),
  ]);
  const terminal = new Terminal({ fontSize: 13, scrollback: 5000, screenReaderMode: true, theme: { background: "#12151a", foreground: "#d7dce3" } });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(place);
  fit.fit();
  addEventListener("resize", () => fit.fit());
  let wasOpen = false;
  // Nova's proxy takes these two; bytes go as they are in the first.
  const socket = new WebSocket(url, ["binary", "base64"]);
  socket.binaryType = "arraybuffer";
  const isText = () => socket.protocol === "base64";
  socket.addEventListener("open", () => {
    wasOpen = true;
    say("open");
    terminal.focus();
  });
  socket.addEventListener("message", ({ data }) => {
    if (typeof data !== "string") terminal.write(new Uint8Array(data));
    else terminal.write(isText() ? Uint8Array.from(atob(data), (char) => char.charCodeAt(0)) : data);
  });
  socket.addEventListener("close", () => say(wasOpen ? "closed" : "failed"));
  terminal.onData((typed) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    const bytes = new TextEncoder().encode(typed);
    socket.send(isText() ? btoa(String.fromCharCode(...bytes)) : bytes);
  });
}

const place = document.querySelector("[data-serial]");
if (place) begin(place);
