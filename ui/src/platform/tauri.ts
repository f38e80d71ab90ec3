/** The packaged app: commands over the shell's IPC. */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { asCommandError, type Backend } from "./backend";
import { toBytes } from "./bytes";

async function call(command: string, args: object): Promise<unknown> {
  try {
    return await invoke(command, { args });
  } catch (reason) {
    throw asCommandError(reason);
  }
}

export const tauriBackend: Backend = {
  call,
  bytes: async (command, args) => toBytes(await call(command, args)),
  async put(command, file) {
    try {
      return await invoke(command, file);
    } catch (reason) {
      throw asCommandError(reason);
    }
  },
  zoom: (factor) => void getCurrentWebview().setZoom(factor).catch(() => undefined),
  on(event, callback) {
    let stopped = false;
    let stop: (() => void) | undefined;
    void listen(event, (message) => callback(message.payload)).then((off) => {
      if (stopped) off();
      else stop = off;
    });
    return () => {
      stopped = true;
      stop?.();
    };
  },
};
