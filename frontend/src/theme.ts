// Runs before the page is painted, so that no light flash precedes a dark page.
// It stays a plain script: no import, no export.
{
  const wanted = localStorage.getItem("ballast-theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const now = localStorage.getItem("ballast-theme") ?? "auto";
    const theme = now === "auto" ? (dark.matches ? "dark" : "light") : now;
    document.documentElement.dataset["bsTheme"] = theme;
  };
  if (wanted !== null && !["light", "dark", "auto"].includes(wanted)) localStorage.removeItem("ballast-theme");
  if (localStorage.getItem("ballast-rail") === "folded") document.documentElement.classList.add("rail-folded");
  apply();
  dark.addEventListener("change", apply);
  addEventListener("ballast:theme", apply);
}
