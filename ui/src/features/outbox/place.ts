/** Where the record of an action is shown, by the kind that its id says. */
import { route } from "../../shared/route.svelte";
import type { EntityRef } from "../../wire/wire";

export function placeOf(entity: EntityRef): (() => void) | null {
  switch (entity.split("_")[0]) {
    case "req":
      return () => route.openQueue("open", entity);
    case "per":
      return () => route.openPerson(entity);
    case "crt":
      return () => route.openCertificate(entity);
    default:
      return null;
  }
}
