/**
 * How the window is for whoever is signed in, and how this desk behaves. The desk keeps it in its own database; here it is
 * put into effect: appearance, size of the text, keys, and what a look from the hall may see.
 */
import { backend } from "../platform";
import { act } from "./act";
import { call } from "./desk";
import { keys } from "./keys.svelte";
import { setTheme } from "./theme";
import type { DeskManners, KeyChoice, Preferences, WindowSettings } from "../wire/wire";

const usual: WindowSettings = {
  mine: { theme: "system", text_percent: 100, plain_keys: true, privacy: false, shortcuts: [] },
  desk: { sound: true, unheard: [], quiet_from: null, quiet_to: null, notify: true, to_tray: false, autostart: false, setup: null },
};

class Settings {
  value = $state.raw<WindowSettings>(usual);
  /** The desk was asked for whoever is signed in. */
  known = $state(false);

  async read(): Promise<void> {
    try {
      this.#use(await call("window_settings", {}));
    } catch {
      // locked meanwhile: the usual ones stay
    }
    this.known = true;
  }

  /** Whoever comes next has their own. */
  forget(): void {
    this.known = false;
    this.#use({ ...usual, desk: this.value.desk });
  }

  mine(change: Partial<Preferences>, said: string | null = null): Promise<unknown> {
    return this.#put({ ...this.value, mine: { ...this.value.mine, ...change } }, said);
  }

  desk(change: Partial<DeskManners>, said: string | null = null): Promise<unknown> {
    return this.#put({ ...this.value, desk: { ...this.value.desk, ...change } }, said);
  }

  /** Puts another key in the place of a usual one; none takes the change back. */
  key(name: string, chord: string | null): Promise<unknown> {
    const others: KeyChoice[] = this.value.mine.shortcuts.filter((one) => one.name !== name);
    return this.mine({ shortcuts: chord === null ? others : [...others, { name, chord }] });
  }

  async #put(next: WindowSettings, said: string | null): Promise<void> {
    const before = this.value;
    this.#use(next);
    const saved = await act(
      () => call("window_settings_put", next),
      () => (said === null ? null : { text: said, undo: async () => this.#use(await call("window_settings_put", before)) }),
    );
    this.#use(saved ?? before);
  }

  #use(value: WindowSettings): void {
    this.value = value;
    const { mine } = value;
    setTheme(mine.theme);
    backend().zoom?.(mine.text_percent / 100);
    document.documentElement.toggleAttribute("data-privacy", mine.privacy);
    keys.plainKeys = mine.plain_keys;
    keys.chosen = Object.fromEntries(mine.shortcuts.map((one) => [one.name, one.chord]));
  }
}

export const preferences = new Settings();
