// A button beside each password field shows what was typed; it hides again when the form is sent.
document.addEventListener("focusin", (event) => {
  const input = event.target;
  if (!input.matches?.("input[data-password]") || input.nextElementSibling?.matches("[data-password-toggle]")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm";
  button.dataset.passwordToggle = "";
  button.textContent = input.dataset.password;
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-controls", input.id);
  const show = (isShown) => {
    input.type = isShown ? "text" : "password";
    button.textContent = isShown ? input.dataset.passwordHide : input.dataset.password;
    button.setAttribute("aria-pressed", String(isShown));
  };
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  input.after(button);
});
