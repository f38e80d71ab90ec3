/**
 * Short answers to what was just done. One with an undo stays for ten seconds; pointing at it or
 * focusing it stops the clock, so that nobody races a timer.
 */
import type { Tone } from "./ui/tone";

export interface Toast {
  id: number;
  tone: Tone;
  text: string;
  undo?: () => void;
}

const undoMs = 10_000;
const plainMs = 5_000;
const atMost = 3;

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  say(text: string, tone: Tone = "ok", undo?: () => void): number {
    const toast: Toast = { id: this.#next++, tone, text, undo };
    const kept = [...this.list, toast];
    for (const old of kept.slice(0, -atMost)) this.#stop(old.id);
    this.list = kept.slice(-atMost);
    this.resume(toast.id);
    return toast.id;
  }

  pause(id: number): void {
    this.#stop(id);
  }

  resume(id: number): void {
    this.#stop(id);
    const toast = this.list.find((one) => one.id === id);
    if (!toast) return;
    this.#timers.set(
      id,
      setTimeout(() => this.drop(id), toast.undo ? undoMs : plainMs),
    );
  }

  undo(id: number): void {
    const toast = this.list.find((one) => one.id === id);
    this.drop(id);
    toast?.undo?.();
  }

  drop(id: number): void {
    this.#stop(id);
    this.list = this.list.filter((one) => one.id !== id);
  }

  /** A lock leaves nothing on the screen. */
  clear(): void {
    for (const toast of this.list) this.#stop(toast.id);
    this.list = [];
  }

  #stop(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }
}

export const toasts = new Toasts();
