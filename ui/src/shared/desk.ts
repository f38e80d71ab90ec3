/** Commands of the desk with their types, over whatever host answers. */
import { asCommandError, backend, CommandError } from "../platform";
import type { Commands, PaperId } from "../wire/wire";

export { CommandError };

/** Told when the desk says that nobody is signed in: whatever was shown must go. */
export const signedOut = { heard: (): void => undefined };

export async function call<K extends keyof Commands>(command: K, args: Commands[K]["args"]): Promise<Commands[K]["view"]> {
  try {
    return (await backend().call(command, args)) as Commands[K]["view"];
  } catch (reason) {
    const error = asCommandError(reason);
    if (error.said.code === "not_signed_in") signedOut.heard();
    throw error;
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

/** Hands a file that somebody chose over to the desk. It is kept in memory until the desk is locked. */
export async function takeFile(file: File): Promise<string> {
  try {
    const taken = (await backend().put("file_take", new Uint8Array(await file.arrayBuffer()))) as { file: string };
    return taken.file;
  } catch (reason) {
    throw asCommandError(reason);
  }
}
