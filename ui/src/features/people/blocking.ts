/** Blocking and lifting: what is sent, and what is said of it. */
import { act } from "../../shared/act";
import { call } from "../../shared/desk";
import type { BlockSeed } from "../../shared/panels.svelte";
import { route } from "../../shared/route.svelte";
import { counted } from "../../shared/words";
import type { BlockArgs, BlockWhom, UnblockArgs } from "../../wire/wire";

export function whomOf(seed: BlockSeed, phone: string, person: string | null): BlockWhom {
  if ("person" in seed) return { by: "person", person: seed.person };
  if ("request" in seed) return { by: "request", request: seed.request, person };
  return { by: "phone", phone, person };
}

/** No undo on purpose: a block is lifted with a ground, by a manager. */
export async function block(args: BlockArgs): Promise<boolean> {
  const card = await act(
    () => call("person_block", args),
    ({ papers }) => ({
      text:
        papers.length === 0
          ? "Данные заблокированы"
          : `Данные заблокированы. Изъять: ${counted(papers.length, "бумага", "бумаги", "бумаг")}, список в карточке`,
    }),
  );
  if (card) route.openPerson(card.row.id);
  return card !== undefined;
}

export const unblock = (args: UnblockArgs) =>
  act(
    () => call("person_unblock", args),
    ({ row }) => ({ text: row.blocked ? "Блокирование снято, но действует ещё одно" : "Блокирование снято" }),
  );
