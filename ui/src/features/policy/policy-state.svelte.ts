/** What is known of the policy on the clinic's site, as the banner and the settings see it. */
import { call } from "../../shared/desk";
import { Loaded } from "../../shared/loaded.svelte";
import type { PolicyTrouble, PolicyView } from "../../wire/wire";

export const policyState = new Loaded<PolicyView>();

export function readPolicy(): void {
  void policyState.load(() => call("policy_view", {}));
}

export const policyTrouble: Record<PolicyTrouble, string> = {
  unreachable: "сайт не ответил",
  no_page: "такой страницы нет или она закрыта",
  moved: "страница переехала, укажите новый адрес",
  too_large: "страница слишком большая",
  no_text: "на странице нет текста политики",
};
