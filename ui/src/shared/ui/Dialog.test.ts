import { createRawSnippet } from "svelte";
import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import Dialog from "./Dialog.svelte";

const children = createRawSnippet(() => ({ render: () => "<p>внутри</p>" }));

describe("a dialog", () => {
  it("closes on Escape by its owner's hand only", async () => {
    const onclose = vi.fn();
    render(Dialog, { title: "Звонок", onclose, children });
    const dialog = screen.getByRole("dialog");
    const cancel = new Event("cancel", { cancelable: true });
    await fireEvent(dialog, cancel);
    expect(cancel.defaultPrevented).toBe(true);
    expect(onclose).toHaveBeenCalledOnce();
  });

  it("begins with what it asks, else with its last button, and not with the cross or with what destroys", () => {
    const asks = createRawSnippet(() => ({ render: () => "<p><button data-testid='asked'>спросить</button></p>" }));
    const first = render(Dialog, { title: "Лист", onclose: () => undefined, children: asks });
    expect(document.activeElement).toBe(screen.getByTestId("asked"));
    first.unmount();
    const footer = createRawSnippet(() => ({ render: () => "<p><button data-testid='keep'>оставить</button><button class='danger'>уничтожить</button></p>" }));
    render(Dialog, { title: "Лист", onclose: () => undefined, children, footer });
    expect(document.activeElement).toBe(screen.getByTestId("keep"));
  });

  it("gives the focus back to where it was", () => {
    const before = document.body.appendChild(document.createElement("button"));
    before.focus();
    const { unmount } = render(Dialog, { title: "Звонок", onclose: () => undefined, children });
    unmount();
    expect(document.activeElement).toBe(before);
    before.remove();
  });

  it("submits without leaving the page", async () => {
    const onsubmit = vi.fn();
    const { container } = render(Dialog, { title: "Запись", onclose: () => undefined, onsubmit, children });
    const submit = new Event("submit", { cancelable: true, bubbles: true });
    await fireEvent(container.querySelector("form") as HTMLFormElement, submit);
    expect(submit.defaultPrevented).toBe(true);
    expect(onsubmit).toHaveBeenCalledOnce();
  });
});
