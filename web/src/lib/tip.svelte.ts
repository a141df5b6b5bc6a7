// What is known of a number: shown beside it while it is pointed at or has the focus. One at a time, drawn by App.

export interface Told {
  what: string;
  unit: string;
  error: string; // with its unit; empty: none
  source: string;
}

export const tip: { told: Told | null; x: number; y: number; above: boolean } = $state({ told: null, x: 0, y: 0, above: false });

export function tell(beside: Element, told: Told): void {
  const box = beside.getBoundingClientRect();
  const above = box.bottom > window.innerHeight - 170;
  Object.assign(tip, { told, x: Math.min(Math.max(box.left, 8), window.innerWidth - 308), y: above ? box.top - 6 : box.bottom + 6, above });
}

export function hush(): void {
  tip.told = null;
}

/** Of all the figures within, one is a stop of the Tab key; arrows go on from there. */
export function figures(node: HTMLElement) {
  const all = () => [...node.querySelectorAll<HTMLElement>(".figure")];
  const settle = () => {
    const found = all();
    if (found.length && !found.some((one) => one.tabIndex === 0)) found[0].tabIndex = 0;
  };
  const choose = (one: HTMLElement) => all().forEach((other) => (other.tabIndex = other === one ? 0 : -1));
  const key = (event: KeyboardEvent) => {
    const found = all();
    const here = found.indexOf(event.target as HTMLElement);
    if (here < 0) return;
    const row = found[here].closest("tr");
    const inRow = row ? found.filter((one) => row.contains(one)) : [found[here]];
    const column = inRow.indexOf(found[here]);
    const nextRow = (step: number) => {
      const other = found[step > 0 ? found.indexOf(inRow[inRow.length - 1]) + 1 : found.indexOf(inRow[0]) - 1];
      const across = other && found.filter((one) => other.closest("tr")?.contains(one));
      return across?.length ? across[Math.min(column, across.length - 1)] : other;
    };
    const next: Record<string, () => HTMLElement | undefined> = {
      ArrowRight: () => found[here + 1], ArrowLeft: () => found[here - 1], ArrowDown: () => nextRow(1), ArrowUp: () => nextRow(-1),
      Home: () => found[0], End: () => found[found.length - 1],
    };
    const goal = next[event.key]?.();
    if (!next[event.key]) return;
    event.preventDefault();
    if (goal) {
      choose(goal);
      goal.focus();
    }
  };
  const pressed = (event: FocusEvent) => (event.target as HTMLElement).classList.contains("figure") && choose(event.target as HTMLElement);
  const watcher = new MutationObserver(settle);
  watcher.observe(node, { childList: true, subtree: true });
  node.addEventListener("keydown", key);
  node.addEventListener("focusin", pressed);
  settle();
  return {
    destroy() {
      watcher.disconnect();
      node.removeEventListener("keydown", key);
      node.removeEventListener("focusin", pressed);
    },
  };
}
