import { describe, expect, it, vi } from "vitest";
import { Scanner } from "./scanner";

function press(code: string, at: number, target: HTMLElement = document.body): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { code, key: code, cancelable: true, bubbles: true });
  Object.defineProperty(event, "target", { value: target });
  Object.defineProperty(event, "timeStamp", { value: at });
  return event;
}

function desk() {
  const typed: string[] = [];
  const scanned: string[] = [];
  const moves = (event: KeyboardEvent) => event.code === "KeyJ";
  return { typed, scanned, scanner: new Scanner((event) => typed.push(event.code), (code) => scanned.push(code), moves) };
}

const code = ["KeyW", "KeyA", "Digit2", "KeyX", "Minus", "KeyZ", "KeyP", "Digit3", "KeyH"];

describe("a reader that types like a keyboard", () => {
  it("gives its code in any layout, and none of its signs acts as a shortcut", () => {
    const { typed, scanned, scanner } = desk();
    code.forEach((one, index) => scanner.take(press(one, index * 8)));
    const enter = press("Enter", code.length * 8);
    scanner.guard(enter);
    expect(scanned).toEqual(["WA2X-ZP3H"]);
    expect(typed).toEqual([]);
    expect(enter.defaultPrevented).toBe(true);
  });

  it("is not a hand: keys that come slower act, in their order", async () => {
    const { typed, scanned, scanner } = desk();
    ["KeyJ", "KeyJ", "KeyC"].forEach((one, index) => scanner.take(press(one, index * 120)));
    scanner.take(press("Enter", 600));
    await vi.waitFor(() => expect(typed).toEqual(["KeyJ", "KeyJ", "KeyC", "Enter"]));
    expect(scanned).toEqual([]);
  });

  it("does not keep a hand waiting that walks through a list, nor a code that begins so", async () => {
    const { typed, scanned, scanner } = desk();
    scanner.take(press("KeyJ", 0));
    expect(typed, "at once").toEqual(["KeyJ"]);
    scanner.take(press("KeyC", 20));
    expect(typed, "this may be a code yet").toEqual(["KeyJ"]);
    await vi.waitFor(() => expect(typed).toEqual(["KeyJ", "KeyC"]));
    ["KeyJ", ...code].forEach((one, index) => scanner.take(press(one, 1000 + index * 8)));
    scanner.guard(press("Enter", 1000 + (code.length + 1) * 8));
    expect(scanned).toEqual(["JWA2X-ZP3H"]);
    expect(typed).toEqual(["KeyJ", "KeyC", "KeyJ"]);
  });

  it("loses no key of two that were pressed almost at once", async () => {
    const { typed, scanner } = desk();
    scanner.take(press("KeyC", 0));
    scanner.take(press("Digit2", 20));
    scanner.take(press("Escape", 30));
    await vi.waitFor(() => expect(typed).toEqual(["KeyC", "Digit2", "Escape"]));
  });

  it("leaves a field as it was before the code went into it", () => {
    const { typed, scanned, scanner } = desk();
    const field = document.createElement("input");
    field.value = "Иванова";
    code.forEach((one, index) => {
      scanner.take(press(one, index * 8, field));
      field.value += "x";
    });
    scanner.guard(press("Enter", code.length * 8, field));
    expect(scanned).toEqual(["WA2X-ZP3H"]);
    expect(field.value).toBe("Иванова");
    expect(typed).toEqual(code);
  });
});
