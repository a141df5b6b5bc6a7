/** Of a menu (details): Escape within it, or a press or the focus elsewhere, closes it. */
export function menu(node: HTMLDetailsElement) {
  const elsewhere = (event: Event) => {
    if (!node.contains(event.target as Node)) node.open = false;
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !node.open) return;
    node.open = false;
    node.querySelector("summary")?.focus();
  };
  const listening = new AbortController();
  node.addEventListener("keydown", key, listening);
  for (const name of ["pointerdown", "focusin"]) document.addEventListener(name, elsewhere, listening);
  return { destroy: () => listening.abort() };
}
