/**
 * What is heard at the desk: a rising pair of tones for something new, one tone thrice for a call that is overdue, a low pair for a refusal. Made by the window itself:
 * no file, and nothing that says who it is about.
 */
import { minutesOf } from "./time";
import type { DeskManners, SoundKind } from "../wire/wire";

const tones: Record<SoundKind, readonly number[]> = { new: [660, 880], due: [587, 587, 587], refused: [330, 247] };
const longSeconds = 0.16;
const loud = 0.12;
let context: AudioContext | undefined;

/** Whether something of this kind may be heard at this wall time, «13:05». */
export function mayBeHeard(manners: Pick<DeskManners, "sound" | "unheard" | "quiet_from" | "quiet_to">, wall: string, kind: SoundKind): boolean {
  if (!manners.sound || manners.unheard.includes(kind)) return false;
  const { quiet_from: from, quiet_to: to } = manners;
  if (!from || !to) return true;
  const [now, first, last] = [wall, from, to].map((time) => minutesOf(time.slice(0, 5))) as [number, number, number];
  // quiet hours may go over midnight
  const quiet = first <= last ? now >= first && now < last : now >= first || now < last;
  return !quiet;
}

export function play(kind: SoundKind): void {
  if (typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  for (const [index, tone] of tones[kind].entries()) {
    const [voice, gain] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + index * longSeconds;
    voice.frequency.value = tone;
    gain.gain.setValueAtTime(loud, start);
    gain.gain.exponentialRampToValueAtTime(0.001, start + longSeconds);
    voice.connect(gain).connect(context.destination);
    voice.start(start);
    voice.stop(start + longSeconds);
  }
}
