import { render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { usePlatform } from "../../platform";
import { toasts } from "../../shared/toasts.svelte";
import type { CertificateView, Redeemed } from "../../wire/wire";
import Form from "./RedeemForm.svelte";

const certificate: CertificateView = {
  id: "crt_1",
  last4: "ZP3H",
  status: "active",
  origin: "paid",
  face_value: 500_000,
  balance: 123_456,
  held: 0,
  pending: false,
  recipient: null,
  receipt: null,
  redeemable: true,
  offers: [],
  revoked: false,
  refund_requested_at: null,
  refund_due: null,
  buyer_blocked: false,
  issued_at: "2026-08-01T05:30:00Z",
  expires_on: null,
  buyer: null,
  as_of: null,
  ledger: [],
};
let heard: unknown[] = [];
let answer: Redeemed;

function type(text: string): void {
  const field = screen.getByTestId<HTMLInputElement>("redeem-amount");
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
const spend = () => screen.getByTestId<HTMLButtonElement>("redeem-spend");
const ready = () => waitFor(() => expect(spend().disabled).toBe(false));

describe("spending a certificate", () => {
  beforeEach(() => {
    heard = [];
    toasts.clear();
    answer = { certificate: { ...certificate, balance: 73_456 }, outcome: "confirmed", refusal: null };
    usePlatform({
      call: (_command, args) => {
        heard.push(args);
        return Promise.resolve(answer);
      },
      bytes: () => Promise.resolve(new Uint8Array()),
      on: () => () => undefined,
    });
    render(Form, { certificate, onredeemed: () => undefined });
  });

  it("asks once more and sends kopecks", async () => {
    type("500");
    await ready();
    spend().click();
    await waitFor(() => expect(spend().textContent).toContain("Точно"));
    expect(heard).toEqual([]);
    spend().click();
    await waitFor(() => expect(heard).toEqual([{ id: "crt_1", amount: 50_000 }]));
    await waitFor(() => expect(toasts.list[0]?.text.replaceAll("\u00a0", " ")).toBe("Списано 500 ₽, осталось 734,56 ₽"));
  });

  it("does not ask about another amount than the one it was asked about", async () => {
    type("500");
    await ready();
    spend().click();
    type("600");
    await waitFor(() => expect(spend().textContent).not.toContain("Точно"));
  });

  it("sends nothing that is no amount or more than there is", async () => {
    for (const text of ["много", "0", "1234,57"]) {
      type(text);
      await waitFor(() => expect(spend().disabled).toBe(true));
    }
  });

  it("says that the amount is only held, and why it was refused", async () => {
    answer = { ...answer, outcome: "held" };
    type("500");
    await ready();
    spend().click();
    spend().click();
    await waitFor(() => expect(toasts.list[0]).toMatchObject({ tone: "warn" }));
    expect(toasts.list[0]?.text).toContain("Удержано");
    answer = { ...answer, outcome: "refused", refusal: { refusal: "balance_too_low", balance: 100 } };
    type("400");
    await ready();
    spend().click();
    spend().click();
    expect((await screen.findByTestId("redeem-refused")).textContent).toContain("Неотправленном");
  });
});
