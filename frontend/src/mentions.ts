/** Suggestions while "@" and part of a name are typed: the server says who may be mentioned; without script one types on. */

interface Htmx {
  ajax(verb: "GET", path: string, context: { target: Element; swap: string }): Promise<void>;
}
declare global {
  interface Window {
    htmx?: Htmx;
  }
}

// What stands before the sign ends a word, so that an e-mail address is none.
const BEGUN = /(?:^|[^\p{L}\p{N}_.+@-])@([\p{L}\p{N}_.+-]{0,150})$/u;
const WAIT = 150;

function fieldOf(target: EventTarget | null): HTMLTextAreaElement | null {
  return target instanceof HTMLTextAreaElement && target.dataset["mentions"] ? target : null;
}

function listOf(field: HTMLTextAreaElement): HTMLElement | null {
  return document.getElementById(field.getAttribute("aria-controls") ?? "");
}

/** The part of a name before the caret; null where none is being typed. */
function begun(field: HTMLTextAreaElement): string | null {
  const found = BEGUN.exec(field.value.slice(0, field.selectionEnd));
  return found?.[1] ?? null;
}

function options(list: HTMLElement): HTMLElement[] {
  return Array.from(list.querySelectorAll<HTMLElement>("[role=option]"));
}

function mark(field: HTMLTextAreaElement, list: HTMLElement, at: number): void {
  const rows = options(list);
  rows.forEach((row, place) => row.setAttribute("aria-selected", String(place === at)));
  const chosen = rows[at];
  if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
  chosen?.scrollIntoView({ block: "nearest" });
}

function close(field: HTMLTextAreaElement): void {
  const list = listOf(field);
  if (list) list.hidden = true;
  field.removeAttribute("aria-activedescendant");
}

/** Put the name of the option in the place of what was typed of it. */
function take(field: HTMLTextAreaElement, row: HTMLElement): void {
  const typed = begun(field);
  const end = field.selectionEnd;
  if (typed !== null) field.setRangeText(`${row.dataset["name"] ?? ""} `, end - typed.length, end, "end");
  close(field);
  field.focus();
}

async function suggest(field: HTMLTextAreaElement, typed: string): Promise<void> {
  const list = listOf(field);
  if (!list || !window.htmx) return;
  await window.htmx.ajax("GET", `${field.dataset["mentions"]}?q=${encodeURIComponent(typed)}`, { target: list, swap: "innerHTML" });
  // Meanwhile more may have been typed: then the next answer counts.
  if (begun(field) !== typed) return;
  list.hidden = options(list).length === 0;
  if (!list.hidden) mark(field, list, 0);
}

function steer(event: KeyboardEvent): void {
  const field = fieldOf(event.target);
  const list = field && listOf(field);
  if (!field || !list || list.hidden || event.isComposing) return;
  const rows = options(list);
  const at = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const chosen = rows[at];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(field, list, (at + (event.key === "ArrowDown" ? 1 : rows.length - 1)) % rows.length);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(field, chosen);
  else if (event.key === "Escape") close(field);
  else return;
  event.preventDefault();
}

/** Arrows choose, Enter and Tab take, Escape closes; a click takes too. */
export function offerMentions(): void {
  let waiting = 0;
  document.addEventListener("input", (event) => {
    const field = fieldOf(event.target);
    if (!field) return;
    clearTimeout(waiting);
    const typed = begun(field);
    if (typed === null) close(field);
    else waiting = window.setTimeout(() => void suggest(field, typed), WAIT);
  });
  document.addEventListener("keydown", steer);
  document.addEventListener("mousedown", (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-mention-list] [role=option]") : null;
    const list = row?.closest<HTMLElement>("[data-mention-list]");
    const field = list && document.querySelector<HTMLTextAreaElement>(`[aria-controls="${list.id}"]`);
    if (!row || !field) return;
    event.preventDefault();
    take(field, row);
  });
  document.addEventListener("focusout", (event) => {
    const field = fieldOf(event.target);
    if (field) close(field);
  });
}
