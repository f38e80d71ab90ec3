/** Who works, and the notes: read by the screen of the shift and by its dialogs. */
import { call } from "../../shared/desk";
import { Loaded } from "../../shared/loaded.svelte";
import type { TeamView } from "../../wire/wire";

export const team = new Loaded<TeamView>();

export const readTeam = () => void team.load(() => call("shift_team", {}));
