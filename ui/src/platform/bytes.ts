/** A file may come as raw bytes, as a list of numbers, or as base64 text, depending on the host. */
export function toBytes(answer: unknown): Uint8Array {
  if (answer instanceof Uint8Array) return answer;
  if (answer instanceof ArrayBuffer) return new Uint8Array(answer);
  if (Array.isArray(answer)) return Uint8Array.from(answer as number[]);
  if (typeof answer === "string") return Uint8Array.from(atob(answer), (char) => char.charCodeAt(0));
  throw new TypeError("not a file");
}
