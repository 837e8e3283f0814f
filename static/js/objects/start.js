// Sending files is only loaded where a page has a place for it.
const look = () => { if (document.querySelector("[data-uploader]")) import("./upload.js"); };

document.addEventListener("htmx:afterSettle", look);
look();
