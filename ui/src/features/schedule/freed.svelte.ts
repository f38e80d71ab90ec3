/** A time that has just come free, and whom it would suit. Forgotten with the next one, or when it was looked at. */
import { call } from "../../shared/desk";
import type { VisitRow } from "../../wire/wire";

class Freed {
  visit = $state.raw<VisitRow | null>(null);
  count = $state(0);

  /** Looks for people as soon as a visit is cancelled. Nobody is called by it. */
  async look(visit: VisitRow): Promise<void> {
    this.forget();
    try {
      const { earlier } = await call("schedule_waiting", { freed: visit.id });
      const fits = earlier.filter((row) => row.fits).length;
      if (fits > 0) {
        this.visit = visit;
        this.count = fits;
      }
    } catch {
      // the list can be opened by hand
    }
  }

  forget(): void {
    this.visit = null;
    this.count = 0;
  }
}

export const freed = new Freed();
