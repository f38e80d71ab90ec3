/** What is done with a certificate beside spending it. Money is done when the gateway has said yes, and says so. */
import { act } from "../../shared/act";
import { call } from "../../shared/desk";
import { refusalWords } from "../../shared/errors";
import { roubles } from "../../shared/money";
import { fullDate } from "../../shared/time";
import { toasts } from "../../shared/toasts.svelte";
import type { ActionId, CertificateStep, CertificateView, Redeemed } from "../../wire/wire";

async function money(task: () => Promise<Redeemed>, done: string, held: string): Promise<CertificateView | undefined> {
  const answer = await act(task, ({ outcome }) =>
    outcome === "confirmed" ? { text: done } : outcome === "held" ? { text: held, tone: "warn" } : null,
  );
  if (answer?.refusal) toasts.say(`Не сделано. ${refusalWords(answer.refusal)} Отказ лежит в «Неотправленном».`, "bad");
  return answer?.certificate;
}

/** `amount` as in the ledger: a redemption below zero, a sale above. */
export const reverse = (certificate: CertificateView, redemption: ActionId, amount: number) =>
  money(
    () => call("certificate_reverse", { id: certificate.id, redemption }),
    amount > 0 ? `Продажа отменена: верните ${roubles(amount)} по чеку «возврат прихода»` : `Списание отменено: ${roubles(-amount)} снова на сертификате`,
    amount > 0 ? "Отмена продажи ждёт подтверждения сервера: деньги пока не выдавайте" : `Отмена списания ${roubles(-amount)} ждёт подтверждения сервера`,
  );

export const refund = (certificate: CertificateView, amount: number) =>
  money(
    () => call("certificate_refund", { id: certificate.id, amount }),
    `Возврат записан: ${roubles(amount)}`,
    `Возврат ${roubles(amount)} ждёт подтверждения сервера: деньги пока не выдавайте`,
  );

export const extend = (certificate: CertificateView, until: string) =>
  act(
    () => call("certificate_extend", { id: certificate.id, expires_on: until }),
    () => ({ text: `Срок продлён до ${fullDate(until)}` }),
  );

const words: Partial<Record<CertificateStep, { text: string; back?: CertificateStep }>> = {
  block: { text: "Сертификат заблокирован", back: "unblock" },
  unblock: { text: "Сертификат разблокирован", back: "block" },
  request_refund: { text: "Записано: просят вернуть деньги", back: "keep" },
  keep: { text: "Записано: деньги не возвращаем, сертификат действует", back: "request_refund" },
};

export function step(certificate: CertificateView, next: CertificateStep) {
  const id = certificate.id;
  return act(
    () => call("certificate_step", { id, step: next }),
    (after) => {
      const back = words[next]?.back;
      const may = back !== undefined && after.offers.includes(back);
      return { text: words[next]?.text ?? "", undo: may ? () => call("certificate_step", { id, step: back }) : undefined };
    },
  );
}
