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
