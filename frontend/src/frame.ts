const THEMES = ["auto", "light", "dark"] as const;

/** The theme button goes round: automatic, light, dark. */
export function switchTheme(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-theme-switch]");
  button?.addEventListener("click", () => {
    const now = localStorage.getItem("ballast-theme") ?? "auto";
    const shown = document.documentElement.dataset["bsTheme"];
    let next = THEMES[(THEMES.indexOf(now as (typeof THEMES)[number]) + 1) % THEMES.length] ?? "auto";
    // From automatic, the first press always changes what is seen.
    if (now === "auto") next = shown === "light" ? "dark" : "light";
    localStorage.setItem("ballast-theme", next);
    dispatchEvent(new Event("ballast:theme"));
  });
}

/** The rail can be folded away on wide screens; the choice is kept. */
export function foldRail(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-fold-rail]");
  const root = document.documentElement;
  const show = () => button?.setAttribute("aria-pressed", String(root.classList.contains("rail-folded")));
  button?.addEventListener("click", () => {
    const folded = root.classList.toggle("rail-folded");
    localStorage.setItem("ballast-rail", folded ? "folded" : "open");
    show();
  });
  show();
}

/** What scrolls sideways can be reached and scrolled by keyboard. */
export function reachScrollers(): void {
  const mark = () => {
    for (const box of document.querySelectorAll<HTMLElement>("main .table-responsive, main .card, main .scrolls")) {
      const scrolls = box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible";
      if (scrolls) box.tabIndex = 0;
      else if (box.getAttribute("tabindex") === "0") box.removeAttribute("tabindex");
    }
  };
  mark();
  addEventListener("resize", mark);
  document.addEventListener("htmx:afterSettle", mark);
}
