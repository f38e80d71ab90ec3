/** Money is whole kopecks everywhere; the screen alone writes roubles. */

export function roubles(kopecks: number): string {
  const sign = kopecks < 0 ? "−" : "";
  const value = Math.abs(kopecks);
  const whole = Math.trunc(value / 100)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, "\u00a0");
  const rest = value % 100;
  return `${sign}${whole}${rest === 0 ? "" : `,${rest.toString().padStart(2, "0")}`}\u00a0₽`;
}

/** An amount as it stands in a field: «1500», «1500,50». */
export function amountText(kopecks: number): string {
  const rest = kopecks % 100;
  return `${Math.trunc(kopecks / 100)}${rest === 0 ? "" : `,${rest.toString().padStart(2, "0")}`}`;
}

/** Kopecks out of what was typed, or nothing: spaces, a comma or a point, no more than two digits after it. */
export function readAmount(text: string): number | null {
  const match = /^(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(text.replace(/[\s₽]/g, ""));
  if (!match) return null;
  const kopecks = Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
  return kopecks > 0 ? kopecks : null;
}
