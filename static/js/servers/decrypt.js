// The password that a Windows guest encrypted: the private key is read here, and is never sent.

async function read(input) {
  if (!input.files.length) return;
  const place = input.closest("[data-decrypt]");
  const error = place.querySelector("[data-decrypt-error]");
  const shown = place.querySelector("[data-decrypted]");
  error.hidden = shown.hidden = true;
  const { decrypt, KeyError } = await import("./rsa.js");
  try {
    const file = input.files[0];
    if (file.size > 65_536) throw new KeyError("pem");
    const plain = decrypt(place.dataset.encrypted, await file.text());
    shown.querySelector("[data-plain]").textContent = plain;
    const button = place.querySelector("template").content.firstElementChild.cloneNode(true);
    button.dataset.copy = plain;
    button.ariaLabel = button.title;
    shown.querySelector("[data-plain-copy]").replaceChildren(button);
    shown.hidden = false;
  } catch (problem) {
    const words = { locked: "lockedKey", other: "otherKey" }[problem.message] ?? "badKey";
    error.textContent = place.dataset[words];
    error.hidden = false;
  } finally {
    // The same file may be chosen once more.
    input.value = "";
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-key-file]")) read(event.target);
});
// One may have been chosen before this was there.
document.querySelectorAll("[data-key-file]").forEach(read);
