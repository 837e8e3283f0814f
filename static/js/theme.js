// Applies light or dark before the first paint, where the person left it to the system.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = root.dataset.theme;
    root.dataset.bsTheme = chosen === "auto" ? (system.matches ? "dark" : "light") : chosen;
  };
  root.dataset.js = "";
  apply();
  system.addEventListener("change", apply);
  addEventListener("belvedere:theme", apply);
})();
