import type { Theme } from "./colour";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const kept = (() => {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // a browser that keeps nothing
  }
})();

export const theme: { name: Theme } = $state({
  name: kept === "light" || kept === "dark" ? kept : dark.matches ? "dark" : "light",
});

export function swap(): void {
  theme.name = theme.name === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("theme", theme.name);
  } catch {
    // then it lasts until the page is closed
  }
}

export const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
