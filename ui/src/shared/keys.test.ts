import { beforeEach, describe, expect, it, vi } from "vitest";
import { chordName, keys, type Layer } from "./keys.svelte";

function press(code: string, init: KeyboardEventInit = {}, target: HTMLElement = document.body): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { code, cancelable: true, bubbles: true, ...init });
  Object.defineProperty(event, "target", { value: target });
  return event;
}

const releases: (() => void)[] = [];
const lay = (layer: Layer) => releases.push(keys.layer(layer));

describe("keys of the desk", () => {
  beforeEach(() => {
    for (const release of releases.splice(0)) release();
    keys.plainKeys = true;
  });

  it("work by the place on the keyboard, whatever the layout types", () => {
    const run = vi.fn();
    lay({ name: "Карточка", shortcuts: [{ chord: "KeyC", label: "Звонок", run }] });
    const event = press("KeyC", { key: "с" });
    expect(keys.handle(event)).toBe(true);
    expect(event.defaultPrevented).toBe(true);
    expect(run).toHaveBeenCalledOnce();
  });

  it("leave letters to whoever is typing, but not Ctrl+K and F3", () => {
    const letter = vi.fn();
    const search = vi.fn();
    const queue = vi.fn();
    const field = document.createElement("input");
    lay({
      name: "Везде",
      shortcuts: [
        { chord: "KeyJ", label: "", run: letter },
        { chord: "Ctrl+KeyK", label: "", run: search },
        { chord: "F3", label: "", run: queue },
      ],
    });
    expect(keys.handle(press("KeyJ", {}, field))).toBe(false);
    expect(keys.handle(press("KeyK", { ctrlKey: true }, field))).toBe(true);
    expect(keys.handle(press("F3", {}, field))).toBe(true);
    expect([letter.mock.calls.length, search.mock.calls.length, queue.mock.calls.length]).toEqual([0, 1, 1]);
  });

  it("are asked from the nearest layer, and a modal one hides those below", () => {
    const below = vi.fn();
    const above = vi.fn();
    lay({ name: "Очередь", shortcuts: [{ chord: "KeyJ", label: "", run: below }, { chord: "Digit1", label: "", run: below }] });
    lay({ name: "Исход", modal: true, shortcuts: [{ chord: "Digit1", label: "", run: above }] });
    expect(keys.handle(press("Digit1"))).toBe(true);
    expect(keys.handle(press("KeyJ"))).toBe(false);
    expect(above).toHaveBeenCalledOnce();
    expect(below).not.toHaveBeenCalled();
  });

  it("go back to the layer below when the one above is gone", () => {
    const below = vi.fn();
    lay({ name: "Очередь", shortcuts: [{ chord: "KeyJ", label: "", run: below }] });
    const release = keys.layer({ name: "Окно", modal: true, shortcuts: [] });
    keys.handle(press("KeyJ"));
    release();
    keys.handle(press("KeyJ"));
    expect(below).toHaveBeenCalledOnce();
  });

  it("leave Enter to a focused button", () => {
    const run = vi.fn();
    lay({ name: "Смена", shortcuts: [{ chord: "Enter", label: "", run }] });
    expect(keys.handle(press("Enter", {}, document.createElement("button")))).toBe(false);
    expect(keys.handle(press("Enter"))).toBe(true);
    expect(run).toHaveBeenCalledOnce();
  });

  it("can be switched off one by one letter, leaving the chords", () => {
    const run = vi.fn();
    keys.plainKeys = false;
    lay({ name: "Карточка", shortcuts: [{ chord: "KeyC", label: "", run }, { chord: "Ctrl+KeyL", label: "", run }] });
    expect(keys.handle(press("KeyC"))).toBe(false);
    expect(keys.handle(press("KeyL", { ctrlKey: true }))).toBe(true);
  });

  it("skip a shortcut whose moment has not come", () => {
    const run = vi.fn();
    lay({ name: "Карточка", shortcuts: [{ chord: "KeyX", label: "", when: () => false, run }] });
    expect(keys.handle(press("KeyX"))).toBe(false);
  });

  it("are named as printed on them", () => {
    expect(["Ctrl+KeyK", "Shift+Slash", "Digit2", "F5", "ArrowDown"].map(chordName)).toEqual(["Ctrl+K", "?", "2", "F5", "↓"]);
  });
});
