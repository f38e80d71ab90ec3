/** In a browser the person has the browser's own zoom; the setting is shown by the size of the text alone. */
export function zoomPage(factor: number): void {
  document.documentElement.style.fontSize = factor === 1 ? "" : `${factor * 100}%`;
}
