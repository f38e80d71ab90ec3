/**
 * A reader of barcodes that types like a keyboard: signs in a burst, then Enter, wherever the focus is.
 *
 * A plain key waits a moment before it is a shortcut, so that the first sign of a code does not act; what turns out to be
 * typed by hand is handed on in its order. One that only moves the choice does not wait: a list is walked through without a
 * lag, and a code that begins so has moved a choice at most. Signs are read by the physical key: the layout does not matter.
 */

import { tick } from "svelte";

/** Signs of a reader follow each other faster than a hand types. */
const gapMs = 35;
const shortest = 8;

interface Burst {
  events: KeyboardEvent[];
  signs: string;
  at: number;
  field: HTMLInputElement | HTMLTextAreaElement | null;
  before: string;
}

export class Scanner {
  #burst: Burst | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Keys that wait until what the ones before them opened is there. */
  #waiting: KeyboardEvent[] = [];
  #busy = false;
  readonly #typed: (event: KeyboardEvent) => void;
  readonly #scanned: (code: string) => void;
  readonly #moves: (event: KeyboardEvent) => boolean;

  /** `typed` gets keys that no reader sent, `scanned` a whole code; `moves` says which keys only move the choice. */
  constructor(typed: (event: KeyboardEvent) => void, scanned: (code: string) => void, moves: (event: KeyboardEvent) => boolean = () => false) {
    this.#typed = typed;
    this.#scanned = scanned;
    this.#moves = moves;
  }

  /** Before anything else hears a key: the Enter that ends a code submits no form. */
  guard(event: KeyboardEvent): void {
    const burst = this.#burst;
    if (!burst || !isEnter(event) || burst.signs.length < shortest || event.timeStamp - burst.at > gapMs) return;
    event.preventDefault();
    event.stopPropagation();
    this.#end(burst);
  }

  take(event: KeyboardEvent): void {
    const sign = signOf(event);
    if (sign !== null) {
      this.#add(event, sign);
      return;
    }
    // Shift comes before a capital letter of the reader and says nothing
    if (event.key === "Shift") return;
    this.#flush();
    this.#hand(event);
  }

  #add(event: KeyboardEvent, sign: string): void {
    if (this.#burst && event.timeStamp - this.#burst.at > gapMs) this.#flush();
    if (!this.#burst) {
      const field = isField(event.target) ? event.target : null;
      this.#burst = { events: [], signs: "", at: 0, field, before: field?.value ?? "" };
    }
    this.#burst.signs += sign;
    this.#burst.at = event.timeStamp;
    // into a field a key goes by itself; there no shortcut waits for it
    if (this.#burst.field) this.#typed(event);
    else if (this.#burst.events.length === 0 && this.#moves(event)) this.#hand(event);
    else this.#burst.events.push(event);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), gapMs + 5);
  }

  #end(burst: Burst): void {
    clearTimeout(this.#timer);
    this.#burst = null;
    if (burst.field) {
      burst.field.value = burst.before;
      burst.field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.#scanned(burst.signs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    const events = this.#burst?.events ?? [];
    this.#burst = null;
    for (const event of events) this.#hand(event);
  }

  #hand(event: KeyboardEvent): void {
    if (this.#busy) {
      this.#waiting.push(event);
      return;
    }
    this.#typed(event);
    this.#busy = true;
    void tick().then(() => {
      this.#busy = false;
      for (const next of this.#waiting.splice(0)) this.#hand(next);
    });
  }
}

function signOf(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return null;
  const found = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(event.code);
  if (found) return found[1] ?? found[2] ?? null;
  return event.code === "Minus" || event.code === "NumpadSubtract" ? "-" : null;
}

const isEnter = (event: KeyboardEvent) => event.code === "Enter" || event.code === "NumpadEnter";

function isField(target: EventTarget | null): target is HTMLInputElement | HTMLTextAreaElement {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
