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
