import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import MaskedPhone from "./MaskedPhone.svelte";

const phone = { display: "+7 912 345-67-89", masked: "+7 ••• •••-67-89" };

describe("a phone on the counter's screen", () => {
  it("is masked, also for a screen reader and in the page", () => {
    const { container } = render(MaskedPhone, phone);
    expect(screen.getByRole("button").textContent).toBe(phone.masked);
    expect(new XMLSerializer().serializeToString(container)).not.toContain("345");
  });

  it("opens on a press and closes when it is left", async () => {
    render(MaskedPhone, phone);
    const button = screen.getByRole("button");
    await fireEvent.click(button);
    expect(button.textContent).toBe(phone.display);
    await fireEvent.mouseLeave(button);
    expect(button.textContent).toBe(phone.masked);
    await fireEvent.click(button);
    await fireEvent.blur(button);
    expect(button.textContent).toBe(phone.masked);
  });
});
