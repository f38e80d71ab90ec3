/** Light or dark: the system's wish unless the person chose otherwise. */
import type { Theme } from "../wire/wire";

const darkQuery = "(prefers-color-scheme: dark)";
let chosen: Theme = "system";

/** What is on the screen now. */
export function shownTheme(): "light" | "dark" {
  if (chosen !== "system") return chosen;
  return window.matchMedia?.(darkQuery).matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset.theme = shownTheme();
}

export function startTheme(): void {
  apply();
  window.matchMedia?.(darkQuery).addEventListener("change", apply);
}

export function setTheme(theme: Theme): void {
  chosen = theme;
  apply();
}
