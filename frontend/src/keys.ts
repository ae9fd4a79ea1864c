function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Move to the next or previous row of the first list that takes keys; its first link gets the focus. */
function step(by: number): boolean {
  const links = Array.from(document.querySelectorAll<HTMLElement>("[data-rows] tbody tr"))
    .map((row) => row.querySelector<HTMLElement>("a[href]"))
    .filter((link): link is HTMLElement => link !== null);
  if (!links.length) return false;
  const at = links.findIndex((link) => link.closest("tr")?.contains(document.activeElement));
  links[Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
  return true;
}

/** "/" goes to the search, "j" and "k" walk a list; Enter then opens the row as links do. */
export function watchKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const field = document.querySelector<HTMLInputElement>("#search");
      field?.focus();
      field?.select();
      if (field) event.preventDefault();
    }
    if ((event.key === "j" && step(1)) || (event.key === "k" && step(-1))) event.preventDefault();
  });
}
