// What few pages need is fetched when one of them shows it. The paths are literal: they get the content's hash.

const parts = {
  "#tabs": () => import("./pages/tabs.js"),
  "[data-uploader]": () => import("./objects/upload.js"),
  "[data-columns]": () => import("./lists/columns.js"),
  "[data-log]": () => import("./servers/log.js"),
  "[data-decrypt]": () => import("./servers/decrypt.js"),
  "[data-password-make]": () => import("./people/make_password.js"),
};

function fetchNeeded() {
  for (const [selector, fetchIt] of Object.entries(parts)) {
    if (!document.querySelector(selector)) continue;
    delete parts[selector];
    fetchIt();
  }
}

document.addEventListener("htmx:afterSettle", fetchNeeded);
fetchNeeded();
