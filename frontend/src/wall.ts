/** The screen on the wall renews itself; what comes in place of it (a sign-in, a fault) leaves the last figures standing. */
export function keepWall(): void {
  const stale = (on: boolean) => document.body.classList.toggle("stale", on);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event as CustomEvent<{ target: HTMLElement; serverResponse: string; shouldSwap: boolean; isError: boolean }>;
    if (detail.target.id !== "wall") return;
    const fresh = !detail.isError && detail.serverResponse.includes('id="wall"');
    detail.shouldSwap = fresh;
    stale(!fresh);
  });
  document.addEventListener("htmx:sendError", () => document.getElementById("wall") && stale(true));
}
