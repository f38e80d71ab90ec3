/** Chooses who answers: the shell if there is one, else the host named in the address, else (in development) fixtures. */
import { CommandError, type Backend } from "./backend";

export { asCommandError, CommandError, type Backend } from "./backend";

async function choose(): Promise<Backend> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri")).tauriBackend;
  const wanted = new URLSearchParams(window.location.search);
  const host = wanted.get("host");
  if (host) return (await import("./http")).httpBackend(host);
  if (import.meta.env.DEV && wanted.has("fixtures")) return (await import("./fixtures")).fixtureBackend(wanted);
  return {
    call: () => Promise.reject(new CommandError({ code: "internal" })),
    bytes: () => Promise.reject(new CommandError({ code: "internal" })),
    put: () => Promise.reject(new CommandError({ code: "internal" })),
    on: () => () => undefined,
  };
}

let current: Backend | undefined;

/** Called once, before the first screen. */
export async function startPlatform(): Promise<void> {
  current ??= await choose();
}

/** Tests put their own answers here; few of them hand a file over. */
export function usePlatform(backend: Omit<Backend, "put"> & Partial<Backend>): void {
  current = { put: () => Promise.reject(new CommandError({ code: "internal" })), ...backend };
}

export function backend(): Backend {
  if (!current) throw new CommandError({ code: "internal" });
  return current;
}
