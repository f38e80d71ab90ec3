/**
 * The one door out of the window. Screens know commands and events, not who answers them:
 * the shell in the packaged app, an HTTP host in a browser test, made-up data in development.
 *
 * A refused call rejects with a `CommandError`; nothing else ever comes through.
 */
import type { Code, UiError } from "../wire/wire";

export interface Backend {
  /** `args` is the command's one argument struct. */
  call(command: string, args: object): Promise<unknown>;
  /** A command whose answer is a file, not JSON. */
  bytes(command: string, args: object): Promise<Uint8Array>;
  /** A command whose argument is a file. */
  put(command: string, file: Uint8Array): Promise<unknown>;
  /** Draws everything larger or smaller: 1 is as designed. The width that the page has changes with it. */
  zoom?(factor: number): void;
  on(event: string, callback: (payload: unknown) => void): () => void;
}

/** What a failed command says: a code from the closed list with its few plain facts. */
export class CommandError extends Error {
  readonly said: UiError;

  constructor(said: Partial<UiError> & { code: Code }) {
    super(said.code);
    this.name = "CommandError";
    this.said = { refusal: null, wait_seconds: null, field: null, needs_version: null, ...said };
  }
}

/** Reads any rejection; what is not ours becomes «internal», so that screens meet one shape. */
export function asCommandError(reason: unknown): CommandError {
  if (reason instanceof CommandError) return reason;
  if (typeof reason === "object" && reason !== null && "code" in reason && typeof reason.code === "string") {
    return new CommandError(reason as UiError);
  }
  return new CommandError({ code: "internal" });
}
