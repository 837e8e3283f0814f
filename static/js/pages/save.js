// Lets people save a text that is on the page as a file, without asking the server for it again.
// A button with data-save="<id of the element>" and data-save-name="<file name>".

for (const button of document.querySelectorAll("[data-save]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const text = document.getElementById(button.dataset.save).textContent;
    const url = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = button.dataset.saveName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
}
