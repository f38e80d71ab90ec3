/** The first set-up of a clinic, from its gateway to its first request: one way, step by step. */
import type { SetupStep } from "../../wire/wire";

export type FoundStep = "door" | "clinic" | "manager";
export type Step = FoundStep | SetupStep;

/** What is asked before the clinic is there, and what follows once it is. The desk remembers where the second part stands. */
export const foundSteps: readonly FoundStep[] = ["door", "clinic", "manager"];
export const setupSteps: readonly SetupStep[] = ["kit", "proof", "requisites", "print", "request", "done"];

export const stepTitle: Record<Step, string> = {
  door: "Сервер и место",
  clinic: "Клиника",
  manager: "Управляющий",
  kit: "Комплект восстановления",
  proof: "Проверка комплекта",
  requisites: "Реквизиты",
  print: "Пробная печать",
  request: "Пробная заявка",
  done: "Готово",
};

export function neighbour<T>(steps: readonly T[], step: T, by: 1 | -1): T | undefined {
  const at = steps.indexOf(step);
  return at < 0 ? undefined : steps[at + by];
}
