/**
 * Something read from the desk: the value, or the error, or neither yet.
 * Only the newest read counts; an older answer that comes late is dropped. What is shown stays while it is re-read.
 */
import { asCommandError, type CommandError } from "../platform";

export class Loaded<T> {
  value = $state.raw<T | undefined>(undefined);
  error = $state.raw<CommandError | undefined>(undefined);
  busy = $state(false);
  #run = 0;

  async load(task: () => Promise<T>): Promise<void> {
    const run = ++this.#run;
    this.busy = true;
    try {
      const value = await task();
      if (run !== this.#run) return;
      this.value = value;
      this.error = undefined;
    } catch (reason) {
      if (run !== this.#run) return;
      this.error = asCommandError(reason);
    } finally {
      if (run === this.#run) this.busy = false;
    }
  }

  /** Puts a value that an action answered with; reads under way no longer count. */
  put(value: T): void {
    this.#run++;
    this.busy = false;
    this.error = undefined;
    this.value = value;
  }

  forget(): void {
    this.#run++;
    this.busy = false;
    this.error = undefined;
    this.value = undefined;
  }
}
