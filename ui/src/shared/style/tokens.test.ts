import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/shared/style/tokens.css", "utf8");

function tokens(scheme: "light" | "dark"): Map<string, string> {
  const from = css.indexOf(`color-scheme: ${scheme}`);
  const block = css.slice(from, css.indexOf("}", from));
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]));
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ["paper", "surface", "surface-2", "hover", "selected"];
const tones = ["ok", "warn", "bad", "info", "accent"];
const text: [string, string][] = [
  ...["ink", "ink-2", "ink-3", ...tones].flatMap((ink) => grounds.map((ground): [string, string] => [ink, ground])),
  ...[...tones, "idle"].flatMap((tone): [string, string][] => [[tone, `${tone}-soft`], ["ink-2", `${tone}-soft`]]),
  ["ink-3", "sunk"],
  ["ink-3", "idle-soft"],
  ["on-accent", "accent"],
  ["on-accent", "accent-hover"],
  ["rail-ink", "rail-bg"],
  ["rail-ink-2", "rail-bg"],
];
const lines: [string, string][] = [
  ["line-strong", "surface"],
  ["line-strong", "paper"],
  ["focus", "surface"],
  ["focus", "paper"],
];

describe.each(["light", "dark"] as const)("colours of the %s view", (scheme) => {
  const all = tokens(scheme);
  const weak = (pairs: [string, string][], least: number) =>
    pairs
      .map(([a, b]) => ({ pair: `${a} on ${b}`, ratio: contrast(all.get(a) ?? "#000000", all.get(b) ?? "#000000") }))
      .filter(({ ratio }) => ratio < least);

  it("keep 4.5:1 for every text on every ground it stands on", () => expect(weak(text, 4.5)).toEqual([]));
  it("keep 3:1 for the edges of controls and the focus ring", () => expect(weak(lines, 3)).toEqual([]));
});
