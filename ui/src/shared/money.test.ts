import { describe, expect, it } from "vitest";
import { amountText, readAmount } from "./money";

describe("an amount in a field", () => {
  it("is read as people write roubles", () => {
    expect(["1500", "1 500,5", "1500.05", "0,01", "1 500 ₽"].map(readAmount)).toEqual([150_000, 150_050, 150_005, 1, 150_000]);
  });

  it("is nothing else", () => {
    expect(["", "0", "-5", "1,500", "1e3", "abc", "12345678"].map(readAmount)).toEqual(Array(7).fill(null));
  });

  it("comes back as it was", () => {
    for (const kopecks of [1, 100, 150_050, 999_999_999]) expect(readAmount(amountText(kopecks))).toBe(kopecks);
  });
});
