/**
 * Light or dark: the system's wish unless the person chose otherwise in this session.
 * Kept in memory only; nothing about a person stays in the webview.
 */
export type Theme = "system" | "light" | "dark";

const darkQuery = "(prefers-color-scheme: dark)";
let chosen: Theme = "system";

function resolved(): "light" | "dark" {
  if (chosen !== "system") return chosen;
  return window.matchMedia?.(darkQuery).matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset.theme = resolved();
}

export function startTheme(): void {
  apply();
  window.matchMedia?.(darkQuery).addEventListener("change", apply);
}

/** Turns to the other appearance and stays there. */
export function toggleTheme(): void {
  chosen = resolved() === "dark" ? "light" : "dark";
  apply();
}
