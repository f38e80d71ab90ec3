/** Meaning of a colour. Always beside an icon or a word, never alone. */
export type Tone = "ok" | "warn" | "bad" | "info" | "idle" | "accent";
