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

const AROUND: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0], h: [-1, 0], ArrowRight: [1, 0], l: [1, 0], ArrowUp: [0, -1], k: [0, -1], ArrowDown: [0, 1], j: [0, 1],
};

/** On a board, move to the card beside, above or below; letters also begin at the first card, arrows go on from one. */
function stepCard(key: string): boolean {
  const [across, down] = AROUND[key] ?? [0, 0];
  if (!across && !down) return false;
  const columns = Array.from(document.querySelectorAll<HTMLElement>("[data-board] [data-column]"))
    .map((column) => Array.from(column.querySelectorAll<HTMLElement>("a.board-case")))
    .filter((cards) => cards.length);
  const at = columns.findIndex((cards) => cards.includes(document.activeElement as HTMLElement));
  if (!columns.length || (at < 0 && key.startsWith("Arrow"))) return false;
  const row = at < 0 ? -down : (columns[at]?.indexOf(document.activeElement as HTMLElement) ?? 0);
  const cards = columns[Math.min(Math.max(at < 0 ? 0 : at + across, 0), columns.length - 1)] ?? [];
  cards[Math.min(Math.max(row + down, 0), cards.length - 1)]?.focus();
  return true;
}

/** "/" goes to the search, "j" and "k" walk a list, the arrows a board; Enter then opens the row as links do. */
export function watchKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const field = document.querySelector<HTMLInputElement>("#search");
      field?.focus();
      field?.select();
      if (field) event.preventDefault();
    }
    if (stepCard(event.key)) {
      event.preventDefault();
      return;
    }
    if ((event.key === "j" && step(1)) || (event.key === "k" && step(-1))) event.preventDefault();
  });
}
