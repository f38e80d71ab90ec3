/**
 * What moves by itself: the clock, the link to the gateway, and «something changed, read again».
 * Screens read `live.changes` inside an effect to be re-read.
 */
import { backend } from "../platform";
import type { SyncView } from "../wire/wire";
import { call } from "./desk";

const tickMs = 10_000;

class Live {
  now = $state(Date.now());
  changes = $state(0);
  sync = $state.raw<SyncView | undefined>(undefined);
  #told = 0;

  /** Starts listening; the answer stops it. */
  start(): () => void {
    const ticking = setInterval(() => (this.now = Date.now()), tickMs);
    const stops = [
      backend().on("sync", (view) => {
        this.#told++;
        this.#heard(view as SyncView);
      }),
      backend().on("changed", () => this.changes++),
    ];
    void this.readSync();
    return () => {
      clearInterval(ticking);
      for (const stop of stops) stop();
      this.sync = undefined;
    };
  }

  async readSync(): Promise<void> {
    try {
      await this.#ask("sync_view");
    } catch {
      // Locked meanwhile, or the shell is going away: the pill keeps what it knows.
    }
  }

  async syncNow(): Promise<void> {
    await this.#ask("sync_now");
    this.changes++;
  }

  /** An answer may be older than an event that came while it was on its way: then the event stays. */
  async #ask(command: "sync_view" | "sync_now"): Promise<void> {
    const before = this.#told;
    const view = await call(command, {});
    if (this.#told === before) this.#heard(view);
  }

  /** Something was done here: everything shown may look different. */
  touched(): void {
    this.changes++;
    void this.readSync();
  }

  #heard(view: SyncView): void {
    this.now = Date.now();
    this.sync = view;
  }
}

export const live = new Live();
