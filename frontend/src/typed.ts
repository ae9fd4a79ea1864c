const KEPT = "ballast-typed";
// Of a form only what a person fills in is kept: no password, no file, nothing hidden.
const LEFT_OUT = new Set(["hidden", "password", "file", "submit", "button", "reset", "image"]);

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface Typed {
  person: string;
  page: string;
  form: string;
  fields: [string, string][];
  /** A page came between that is no answer: the sign-in, or a failure. */
  waits: boolean;
}

function filled(form: HTMLFormElement): Field[] {
  const found = Array.from(form.querySelectorAll<Field>("input[name], textarea[name], select[name]"));
  return found.filter((field) => !LEFT_OUT.has(field.type));
}

function isBox(field: Field): field is HTMLInputElement {
  return field.type === "checkbox" || field.type === "radio";
}

const nameOf = (field: Field) => (isBox(field) ? `${field.name}=${field.value}` : field.name);
const valueOf = (field: Field) => (isBox(field) ? String(field.checked) : field.value);

/** What tells a form from others of its page: where it goes, its fields, and the move that it makes. */
function signature(form: HTMLFormElement): string {
  const moves = Array.from(form.querySelectorAll<HTMLInputElement | HTMLButtonElement>("[name=move]"));
  const where = new URL(form.getAttribute("action") ?? "", location.href).pathname;
  return [where, ...moves.map((move) => move.value), ...new Set(filled(form).map((field) => field.name))].join(" ");
}

function read(): Typed | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Typed | null;
  } catch {
    return null;
  }
}

function keep(typed: Typed): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(typed));
  } catch {
    // A full or forbidden store: the form works without.
  }
}

function keepOnSubmit(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post" || form.hasAttribute("hx-post")) return;
  const fields = filled(form);
  if (form.querySelector("[type=password]") || !fields.some((field) => !isBox(field) && field.value.trim())) return;
  keep({
    person: document.body.dataset["person"] ?? "", page: location.pathname, form: signature(form),
    fields: fields.map((field) => [nameOf(field), valueOf(field)]), waits: false,
  });
}

/** Put it back; whether anything was not there already. */
function putBack(form: HTMLFormElement, typed: Typed): boolean {
  const values = new Map(typed.fields);
  let changed = false;
  for (const field of filled(form)) {
    const value = values.get(nameOf(field));
    if (value === undefined || value === valueOf(field)) continue;
    if (isBox(field)) field.checked = value === "true";
    else field.value = value;
    changed = true;
  }
  for (let box = form.closest("details"); box; box = box.parentElement?.closest("details") ?? null) box.open = true;
  return changed;
}

/**
 * What was typed into a form outlives a refusal, an ended session and a page that went stale.
 *
 * It stays in this tab, is dropped as soon as the form was taken, and comes back to nobody but who typed it.
 */
export function keepTyped(): void {
  document.addEventListener("submit", keepOnSubmit);
  const typed = read();
  if (!typed) return;
  if (document.querySelector("[data-no-answer]")) {
    keep({ ...typed, waits: true });
    const back = document.querySelector<HTMLAnchorElement>("[data-back-to-form]");
    if (back) [back.href, back.hidden] = [typed.page, false];
    return;
  }
  const returns = typed.waits || document.querySelector("[data-refused]") !== null;
  const mine = typed.person === (document.body.dataset["person"] ?? "");
  if (typed.waits && mine && location.pathname !== typed.page) return;
  sessionStorage.removeItem(KEPT);
  const form = Array.from(document.forms).find((one) => signature(one) === typed.form);
  if (!returns || !mine || !form || !putBack(form, typed)) return;
  const note = document.querySelector<HTMLTemplateElement>("#typed-note")?.content.cloneNode(true) as DocumentFragment;
  if (!form.querySelector("[type=file]")) note?.querySelector("[data-files]")?.remove();
  if (note) form.prepend(note);
  // After a refusal the reason at the top comes first.
  if (typed.waits) form.scrollIntoView({ block: "center" });
}
