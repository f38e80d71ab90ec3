/** Commands of the desk with their types, over whatever host answers. */
import { asCommandError, backend, CommandError } from "../platform";
import type { Commands, PaperId } from "../wire/wire";

export { CommandError };

export async function call<K extends keyof Commands>(command: K, args: Commands[K]["args"]): Promise<Commands[K]["view"]> {
  try {
    return (await backend().call(command, args)) as Commands[K]["view"];
  } catch (reason) {
    throw asCommandError(reason);
  }
}

/** The file of a prepared paper. */
export async function paperPdf(paper: PaperId): Promise<Uint8Array> {
  try {
    return await backend().bytes("paper_pdf", { paper });
  } catch (reason) {
    throw asCommandError(reason);
  }
}
