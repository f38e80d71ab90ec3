/** Print jobs of this program: asked about while one is under way, told of when one fails. */
import { call } from "../../shared/desk";
import { toasts } from "../../shared/toasts.svelte";
import type { JobState, JobView } from "../../wire/wire";

const everyMs = 2_000;
const over: readonly JobState[] = ["done", "failed", "unknown"];

export const jobWords: Record<JobState, string> = {
  queued: "в очереди",
  printing: "печатается",
  held: "остановлено принтером",
  done: "напечатано",
  failed: "не напечатано",
  unknown: "передано принтеру",
};

class Jobs {
  all = $state.raw<readonly JobView[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Jobs whose end is not known yet, and those that failed. */
  get open(): readonly JobView[] {
    return this.all.filter((one) => !over.includes(one.state));
  }

  follow(): void {
    clearTimeout(this.#timer);
    void this.#look();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.all = [];
  }

  async #look(): Promise<void> {
    const before = new Map(this.all.map((one) => [one.id, one.state]));
    try {
      this.all = await call("print_jobs", {});
    } catch {
      // the desk is locked or the spooler is away: the next print asks again
      return;
    }
    for (const job of this.all) {
      const known = before.get(job.id);
      if (job.state === "failed" && known !== undefined && known !== "failed") {
        toasts.say(`«${job.title}» не напечатано: проверьте принтер «${job.printer}»`, "bad");
      }
    }
    if (this.open.length > 0) this.#timer = setTimeout(() => void this.#look(), everyMs);
  }
}

export const jobs = new Jobs();
