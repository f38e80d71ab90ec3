/**
 * One way to do something: run it, say what happened, offer to take it back, and have every screen re-read.
 * The words stay honest: without a link the thing is saved here and not yet confirmed.
 */
import { asCommandError } from "../platform";
import { errorLine } from "./errors";
import { live } from "./live.svelte";
import { toasts } from "./toasts.svelte";

export interface Said {
  text: string;
  /** Nothing was saved: said as it is, whatever the link does. */
  tone?: "ok" | "warn";
  /** Takes the thing back. */
  undo?: () => Promise<unknown>;
}

/** Answers the value, or nothing after telling the person why not. */
export async function act<T>(task: () => Promise<T>, said: (value: T) => Said | null): Promise<T | undefined> {
  let value: T;
  try {
    value = await task();
  } catch (reason) {
    tell(reason);
    return undefined;
  }
  const words = said(value);
  if (words) {
    const { undo } = words;
    const tone = words.tone ?? "ok";
    const offline = ["offline", "refused", "revoked", "outdated"].includes(live.sync?.link ?? "");
    const text = offline && tone === "ok" ? `${words.text} · сохранено здесь, отправится позже` : words.text;
    toasts.say(text, tone, undo ? () => void takeBack(undo) : undefined);
  }
  live.touched();
  return value;
}

async function takeBack(undo: () => Promise<unknown>): Promise<void> {
  try {
    await undo();
    toasts.say("Отменено", "info");
  } catch (reason) {
    tell(reason);
  }
  live.touched();
}

/** A failed action in words; a desk that was locked meanwhile shows its lock. */
export function tell(reason: unknown): void {
  const error = asCommandError(reason);
  if (error.said.code === "not_signed_in") return;
  toasts.say(errorLine(error), "bad");
}
