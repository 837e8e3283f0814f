// A button beside each password field shows what was typed; it hides again when the form is sent. Another one makes a
// password, where the field asks for that.
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

const button = (input, text) => {
  const found = document.createElement("button");
  found.type = "button";
  found.className = "btn btn-sm";
  found.textContent = text;
  found.setAttribute("aria-controls", input.id);
  return found;
};

const dress = (input) => {
  if (!input.matches?.("input[data-password]") || input.nextElementSibling?.matches("[data-password-toggle]")) return;
  const toggle = button(input, input.dataset.password);
  toggle.dataset.passwordToggle = "";
  toggle.setAttribute("aria-pressed", "false");
  const show = (isShown) => {
    input.type = isShown ? "text" : "password";
    toggle.textContent = isShown ? input.dataset.passwordHide : input.dataset.password;
    toggle.setAttribute("aria-pressed", String(isShown));
  };
  toggle.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  input.after(toggle);
  if (!input.dataset.passwordMake) return;
  const make = button(input, input.dataset.passwordMake);
  make.addEventListener("click", () => {
    input.value = made();
    show(true);
    input.select();
  });
  toggle.after(make);
};

const dressAll = () => document.querySelectorAll("input[data-password-make]").forEach(dress);
document.addEventListener("focusin", (event) => dress(event.target));
document.addEventListener("htmx:load", dressAll);
dressAll();
