/**
 * A browser host: the same commands over HTTP, the same events as server-sent events.
 * For development and browser tests only; the packaged app always talks to its shell.
 */
import { asCommandError, CommandError, type Backend } from "./backend";
import { toBytes } from "./bytes";
import { zoomPage } from "./zoom";

export function httpBackend(base: string): Backend {
  const root = base.replace(/\/$/, "");
  let source: EventSource | undefined;

  function post(command: string, args: object): Promise<Response> {
    return send(command, "application/json", JSON.stringify(args));
  }

  async function send(command: string, type: string, body: BodyInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${root}/cmd/${encodeURIComponent(command)}`, {
        method: "POST",
        headers: { "content-type": type },
        body,
      });
    } catch {
      throw new CommandError({ code: "internal" });
    }
    if (response.ok) return response;
    throw asCommandError(await response.json().catch(() => null));
  }

  return {
    async call(command, args) {
      const response = await post(command, args);
      const text = await response.text();
      return text === "" ? null : JSON.parse(text);
    },
    async bytes(command, args) {
      const response = await post(command, args);
      const json = response.headers.get("content-type")?.includes("json") ?? false;
      return toBytes(json ? await response.json() : await response.arrayBuffer());
    },
    async put(command, file) {
      return (await send(command, "application/octet-stream", file.slice().buffer)).json();
    },
    zoom: zoomPage,
    on(event, callback) {
      source ??= new EventSource(`${root}/events`);
      const heard = (message: MessageEvent<string>) => callback(message.data ? JSON.parse(message.data) : null);
      const current = source;
      current.addEventListener(event, heard);
      return () => current.removeEventListener(event, heard);
    },
  };
}
