/** The clinic's workstations as the gateway lists them now: asked for by a manager's screen only. */
import { call } from "../../shared/desk";
import { Loaded } from "../../shared/loaded.svelte";
import type { DesksView } from "../../wire/wire";

export const desksState = new Loaded<DesksView>();

export function readDesks(): void {
  void desksState.load(() => call("desks_list", {}));
}
