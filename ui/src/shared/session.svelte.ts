/**
 * Where the application stands: not connected, locked, signed in, or in trouble.
 * A lock drops everything that was shown; the store behind it is closed by the desk, not by this window.
 */
import { asCommandError, backend, type CommandError } from "../platform";
import type { AppView, SignInArgs } from "../wire/wire";
import { call, signedOut } from "./desk";
import { panels } from "./panels.svelte";
import { route, type Place } from "./route.svelte";
import { toasts } from "./toasts.svelte";

const touchEveryMs = 30_000;

class Session {
  app = $state.raw<AppView | undefined>(undefined);
  broken = $state.raw<CommandError | undefined>(undefined);
  /** The first set-up waits until the next sign-in. */
  setupLater = $state(false);
  /** Where whoever locked the desk was; another person begins at the beginning. */
  #left: { staff: string; place: Place } | undefined;
  #lastTouch = 0;
  #lastSign = Date.now();

  get zone(): string {
    return this.app?.zone ?? "UTC";
  }

  async read(): Promise<void> {
    try {
      this.put(await call("app_view", {}));
    } catch (reason) {
      this.broken = asCommandError(reason);
    }
  }

  put(view: AppView): void {
    this.broken = undefined;
    const was = this.app;
    if (view.phase !== "signed_in") {
      this.setupLater = false;
      if (was?.phase === "signed_in" && was.staff) this.#left = { staff: was.staff.id, place: route.place };
      route.reset();
      panels.closeAll();
      toasts.clear();
    } else {
      this.#lastSign = Date.now();
      if (was?.phase !== "signed_in" && this.#left) {
        if (this.#left.staff === view.staff?.id) route.place = this.#left.place;
        this.#left = undefined;
      }
    }
    this.app = view;
  }

  async signIn(args: SignInArgs): Promise<void> {
    this.put(await call("sign_in", args));
  }

  async lock(): Promise<void> {
    try {
      this.put(await call("lock", {}));
    } catch (reason) {
      this.broken = asCommandError(reason);
    }
  }

  /** A key or a click: the desk hears of it now and then, so that it does not lock under somebody's hands. */
  sign(): void {
    const now = Date.now();
    this.#lastSign = now;
    if (this.app?.phase !== "signed_in" || now - this.#lastTouch < touchEveryMs) return;
    this.#lastTouch = now;
    void call("touch", {}).catch(() => undefined);
  }

  /** Locks when nobody gave a sign for too long. */
  checkIdle(now: number): void {
    const limit = this.app?.idle_lock_seconds ?? 0;
    if (this.app?.phase === "signed_in" && limit > 0 && now - this.#lastSign > limit * 1000) void this.lock();
  }

  listen(): () => void {
    return backend().on("locked", () => void this.read());
  }
}

export const session = new Session();
signedOut.heard = () => void session.read();
