/** How well this desk would survive a loss, as every screen of it sees it: read again when something changes. */
import { call } from "../../shared/desk";
import { Loaded } from "../../shared/loaded.svelte";
import type { KeysView } from "../../wire/wire";

export const keysState = new Loaded<KeysView>();

export function readKeys(): void {
  void keysState.load(() => call("keys_view", {}));
}
