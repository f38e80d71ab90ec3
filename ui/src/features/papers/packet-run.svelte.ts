/**
 * Printing a packet: one paper after another, each through the desk's own checks. One that fails or asks stops nothing but
 * itself; a stop leaves what is printed printed and the rest as it was.
 */
import { asCommandError } from "../../platform";
import { call } from "../../shared/desk";
import { errorLine } from "../../shared/errors";
import { counted } from "../../shared/words";
import type { PacketPaper, PacketVisit } from "../../wire/wire";

export type PaperState = "ready" | "asks" | "forbidden" | "waits" | "printing" | "printed" | "failed";

interface Outcome {
  state: PaperState;
  why: string | null;
}

function keyOf(visit: PacketVisit, paper: PacketPaper): string {
  return `${visit.visit}/${paper.form}`;
}

export class PacketRun {
  busy = $state(false);
  done = $state(0);
  total = $state(0);
  #outcomes = $state.raw<Readonly<Record<string, Outcome>>>({});
  #stopped = false;

  get words(): string {
    const all = Object.values(this.#outcomes);
    const printed = all.filter((one) => one.state === "printed").length;
    const rest = this.total - printed;
    return `Напечатано: ${counted(printed, "лист", "листа", "листов")}${rest > 0 ? `, осталось ${rest}` : ""}`;
  }

  state(visit: PacketVisit, paper: PacketPaper): PaperState {
    const outcome = this.#outcomes[keyOf(visit, paper)];
    if (outcome) return outcome.state;
    if (paper.waits) return "waits";
    if (paper.findings.some((one) => one.weight === "refuse")) return "forbidden";
    return paper.findings.some((one) => one.weight === "ask") ? "asks" : "ready";
  }

  why(visit: PacketVisit, paper: PacketPaper): string | null {
    return this.#outcomes[keyOf(visit, paper)]?.why ?? null;
  }

  printable(visit: PacketVisit, paper: PacketPaper): boolean {
    return ["ready", "failed"].includes(this.state(visit, paper));
  }

  clear(): void {
    this.#outcomes = {};
    this.done = this.total = 0;
  }

  stop(): void {
    this.#stopped = true;
  }

  async start(visits: readonly PacketVisit[]): Promise<void> {
    if (this.busy) return;
    const todo = visits.flatMap((visit) =>
      visit.papers.filter((paper) => this.printable(visit, paper)).map((paper) => ({ visit, paper })),
    );
    this.busy = true;
    this.#stopped = false;
    this.done = 0;
    this.total = todo.length;
    for (const { visit, paper } of todo) {
      if (this.#stopped) break;
      this.#note(visit, paper, { state: "printing", why: null });
      this.#note(visit, paper, await this.#one(visit, paper));
      this.done += 1;
    }
    this.busy = false;
  }

  async #one(visit: PacketVisit, paper: PacketPaper): Promise<Outcome> {
    try {
      const answer = await call("packet_print", { visit: visit.visit, form: paper.form, confirmed: false });
      if (answer.printer !== null) return { state: "printed", why: null };
      const gravest = answer.findings[0];
      return { state: gravest?.weight === "refuse" ? "forbidden" : "asks", why: gravest?.words ?? null };
    } catch (reason) {
      return { state: "failed", why: errorLine(asCommandError(reason)) };
    }
  }

  #note(visit: PacketVisit, paper: PacketPaper, outcome: Outcome): void {
    this.#outcomes = { ...this.#outcomes, [keyOf(visit, paper)]: outcome };
  }
}
