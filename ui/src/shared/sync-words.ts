/** The link to the gateway in words: always honest about how old the data are and what has not left this desk. */
import type { SyncView } from "../wire/wire";
import { clock, moment, span } from "./time";
import type { Tone } from "./ui/tone";

export type LinkSign = "on" | "off" | "busy" | "bad";

export interface SyncWords {
  tone: Tone;
  sign: LinkSign;
  text: string;
  title: string;
}

/** Past this the clock of this computer makes every noted moment doubtful. */
export const driftLimitSeconds = 120;

function linkText(view: SyncView, now: number, zone: string): { sign: LinkSign; text: string } {
  switch (view.link) {
    case "online":
      return { sign: "on", text: view.as_of ? `Связь есть · ${clock(view.as_of, zone)}` : "Связь есть" };
    case "syncing":
      return { sign: "busy", text: view.pulled > 0 ? `Получаем данные: ${view.pulled}` : "Обмен данными…" };
    case "offline":
      return {
        sign: "off",
        text: view.last_contact ? `Нет связи ${span(now - Date.parse(view.last_contact))}` : "Нет связи",
      };
    case "refused":
      return { sign: "bad", text: view.lacks_key ? "Нет нового ключа клиники" : "Сервер не узнаёт это место" };
    case "revoked":
      return { sign: "bad", text: "Место отключено от клиники" };
    case "outdated":
      return { sign: "bad", text: view.needs_version ? `Нужна версия ${view.needs_version}` : "Нужна новая версия" };
    case "unknown":
      return { sign: "busy", text: "Проверяем связь…" };
  }
}

export function syncWords(view: SyncView | undefined, now: number, zone: string): SyncWords {
  if (!view) return { tone: "idle", sign: "busy", text: "Проверяем связь…", title: "" };
  const link = linkText(view, now, zone);
  const parts = [link.text];
  if (view.unsent > 0) parts.push(`не отправлено ${view.unsent}`);
  if (view.refused > 0) parts.push(`отказано ${view.refused}`);
  if (view.newer > 0) parts.push(`не показано ${view.newer}`);
  const bad = view.refused > 0 || link.sign === "bad";
  const tone: Tone = bad ? "bad" : link.sign === "off" || view.unsent > 0 || view.newer > 0 ? "warn" : link.sign === "on" ? "ok" : "idle";
  const title = view.as_of ? `Данные на ${moment(view.as_of, now, zone)}` : "Данные ещё ни разу не получены";
  return { tone, sign: bad ? "bad" : link.sign, text: parts.join(" · "), title };
}
