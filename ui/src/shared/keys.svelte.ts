/**
 * Keys of the desk, by the physical key (KeyboardEvent.code): they work the same in both layouts.
 *
 * Layers stack: the newest is asked first; a modal layer hides the ones below it.
 * A plain key is never taken from somebody who is typing, and plain keys can be switched off (WCAG 2.1.4).
 */
import { untrack } from "svelte";

export interface Shortcut {
  /** «Ctrl+KeyK», «F2», «KeyJ» */
  chord: string;
  label: string;
  run: (event: KeyboardEvent) => void;
  when?: () => boolean;
  /** Takes the key in a text field too. */
  typing?: boolean;
  hidden?: boolean;
  /** It moves the choice in a list and does nothing else. */
  moves?: boolean;
}

export interface Layer {
  name: string;
  modal?: boolean;
  shortcuts: readonly Shortcut[];
}

const names: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Enter: "Enter",
  NumpadEnter: "Enter",
  Escape: "Esc",
  Slash: "/",
  Space: "Пробел",
};

export function chordOf(event: KeyboardEvent): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey) parts.push("Shift");
  parts.push(event.code);
  return parts.join("+");
}

/** «Ctrl+KeyK» -> «Ctrl+K», as printed on the key. */
export function chordName(chord: string): string {
  return chord
    .split("+")
    .map((part) => names[part] ?? part.replace(/^(Key|Digit)/, ""))
    .join("+")
    .replace("Shift+/", "?");
}

/** By what a choice is kept: the layer and the usual key, which do not change with the wording. */
export function nameOf(layer: Pick<Layer, "name">, shortcut: Pick<Shortcut, "chord">): string {
  return `${layer.name}/${shortcut.chord}`;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !["button", "checkbox", "radio", "submit"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Enter and Space on a button belong to the button. */
function belongsToControl(event: KeyboardEvent): boolean {
  if (event.code !== "Enter" && event.code !== "Space" && event.code !== "NumpadEnter") return false;
  return event.target instanceof HTMLElement && event.target.closest("button, a, [role=menuitem]") !== null;
}

function isPlain(chord: string): boolean {
  return /^(Shift\+)?(Key[A-Z]|Digit\d|Slash)$/.test(chord);
}

class Keys {
  #layers = $state.raw<readonly Layer[]>([]);
  plainKeys = $state(true);
  /** Keys that somebody chose in place of the usual ones, by `nameOf`; an empty one is switched off. */
  chosen = $state.raw<Readonly<Record<string, string>>>({});
  /** Every shortcut that was offered since the start, so that all can be shown and changed in one place. */
  readonly known = new Map<string, { layer: string; chord: string; label: string }>();

  /** Adds a layer on top; the answer takes it away. */
  layer(layer: Layer): () => void {
    // a dialog may be named after somebody: its keys are its own
    for (const one of layer.modal ? [] : layer.shortcuts) {
      const name = nameOf(layer, one);
      if (!one.hidden && !this.known.has(name)) this.known.set(name, { layer: layer.name, chord: one.chord, label: one.label });
    }
    this.#layers = [...untrack(() => this.#layers), layer];
    return () => {
      this.#layers = untrack(() => this.#layers).filter((other) => other !== layer);
    };
  }

  /** Layers that answer now, the nearest first. */
  get active(): readonly Layer[] {
    const found: Layer[] = [];
    for (const layer of [...this.#layers].reverse()) {
      found.push(layer);
      if (layer.modal) break;
    }
    return found;
  }

  /** A dialog is open. */
  get modal(): boolean {
    return this.#layers.some((layer) => layer.modal);
  }

  /** The key that does it now. */
  chordFor(layer: Layer, shortcut: Shortcut): string {
    return this.chosen[nameOf(layer, shortcut)] ?? shortcut.chord;
  }

  /** The key to be shown where the usual one is printed: «N», unless somebody chose another one. */
  shown(usual: string): string {
    if (Object.keys(this.chosen).length === 0) return usual;
    for (const layer of this.active) {
      const found = layer.shortcuts.find((one) => chordName(one.chord) === usual);
      if (found) return chordName(this.chordFor(layer, found)) || usual;
    }
    return usual;
  }

  /** What a key does now. */
  #found(chord: string): Shortcut | undefined {
    for (const layer of this.active) {
      const shortcut = layer.shortcuts.find((one) => this.chordFor(layer, one) === chord && (one.when?.() ?? true));
      if (shortcut) return shortcut;
    }
    return undefined;
  }

  /** The key moves the choice in a list and does nothing else. */
  onlyMoves(event: KeyboardEvent): boolean {
    return this.#found(chordOf(event))?.moves ?? false;
  }

  handle(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.isComposing || belongsToControl(event)) return false;
    const chord = chordOf(event);
    const typing = isTyping(event.target);
    if (isPlain(chord) && (typing || !this.plainKeys)) return false;
    const shortcut = this.#found(chord);
    if (!shortcut || (typing && !shortcut.typing && !/^(Ctrl\+|F\d)/.test(chord))) return false;
    event.preventDefault();
    shortcut.run(event);
    return true;
  }
}

export const keys = new Keys();
