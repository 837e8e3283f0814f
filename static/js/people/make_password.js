// A button below a field makes a password for somebody else, and shows it, so that it can be passed on.
const LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS = "23456789";
const SIGNS = "-_.+=!%";
const LENGTH = 20;

const one = (from) => {
  // Without a remainder, so that none is likelier than another.
  const most = 256 - (256 % from.length);
  const byte = new Uint8Array(1);
  do crypto.getRandomValues(byte);
  while (byte[0] >= most);
  return from[byte[0] % from.length];
};

/** At least one of each kind, for rules that want them. */
const made = () => {
  for (;;) {
    const found = Array.from({ length: LENGTH }, () => one(LETTERS + DIGITS + SIGNS)).join("");
    if ([/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].every((kind) => kind.test(found))) return found;
  }
};

const dress = (input) => {
  if (input.dataset.hasMaker) return;
  input.dataset.hasMaker = "yes";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm password-make";
  button.textContent = input.dataset.passwordMake;
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    input.value = made();
    // To be focused gives it the button that shows and hides.
    input.focus();
    const toggle = input.parentElement.querySelector("[data-password-toggle]");
    if (input.type === "password") toggle?.click();
    input.select();
  });
  input.parentElement.append(button);
};

const dressAll = () => document.querySelectorAll("input[data-password-make]").forEach(dress);
document.addEventListener("htmx:afterSettle", dressAll);
dressAll();
