/** What the manager sets up: read once for all the parts of the screen, written part by part, each with its way back. */
import { act } from "../../shared/act";
import { call } from "../../shared/desk";
import { Loaded } from "../../shared/loaded.svelte";
import type { ClinicSettings, DoctorArgs, DoctorRow, SettingsView, StaffArgs } from "../../wire/wire";

export const settings = new Loaded<SettingsView>();

export const readSettings = () => void settings.load(() => call("settings_view", {}));

/** Writes the clinic with a part of it changed; whether it went through. */
export async function saveClinic(change: Partial<ClinicSettings>, text: string, newChairs: string[] = []): Promise<boolean> {
  const before = settings.value;
  if (!before) return false;
  const clinic = { ...before.clinic, ...change };
  const saved = await act(
    () => call("settings_clinic", { etag: before.etag, clinic, new_chairs: newChairs }),
    (after) => ({
      text,
      undo: async () => settings.put(await call("settings_clinic", { etag: after.etag, clinic: before.clinic, new_chairs: [] })),
    }),
  );
  if (saved) settings.put(saved);
  else readSettings();
  return saved !== undefined;
}

export const doctorArgs = (row: DoctorRow): DoctorArgs => ({ ...row });

/** What somebody else has changed since the dialog was opened is read anew, so that it can be looked at. */

export async function saveDoctor(args: DoctorArgs, text: string): Promise<boolean> {
  const known = settings.value?.doctors.find((row) => row.id === args.id);
  const back = (after: SettingsView) => async () => {
    const etag = after.doctors.find((row) => row.id === args.id)?.etag ?? null;
    if (known) settings.put(await call("settings_doctor", { ...doctorArgs(known), etag }));
  };
  const saved = await act(() => call("settings_doctor", args), (after) => ({ text, undo: known ? back(after) : undefined }));
  if (saved) settings.put(saved);
  else readSettings();
  return saved !== undefined;
}

export async function saveStaff(args: StaffArgs, text: string): Promise<boolean> {
  const saved = await act(() => call("settings_staff", args), () => ({ text }));
  if (saved) settings.put(saved);
  else readSettings();
  return saved !== undefined;
}
