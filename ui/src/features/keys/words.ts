/** What is said of copies, of a rescue and of workstations. */
import { moment } from "../../shared/time";
import { counted } from "../../shared/words";
import type { Code, CopyView, DeskRow, RescuedView } from "../../wire/wire";

export const unsentWords = (count: number): string =>
  counted(count, "неотправленное действие", "неотправленных действия", "неотправленных действий");

/** «812 КБ», «14 МБ» */
export function sizeWords(kibibytes: number): string {
  return kibibytes < 1024 ? `${kibibytes}\u00a0КБ` : `${Math.round(kibibytes / 1024)}\u00a0МБ`;
}

export function copyWords(copy: CopyView, now: number, zone: string): string {
  const unsent = copy.unsent === null ? "" : copy.unsent === 0 ? ", неотправленного нет" : `, ${unsentWords(copy.unsent)}`;
  return `${moment(copy.at, now, zone)} · ${sizeWords(copy.kibibytes)}${unsent}`;
}

const copyFailures: Partial<Record<Code, string>> = {
  no_folder: "папки копий сейчас нет: вставьте диск или выберите другую папку",
  disk_full: "на диске копий нет места",
  database_damaged: "база повреждена",
};

export const copyFailure = (code: Code): string => copyFailures[code] ?? "запись не удалась";

/** What became of the old database, in one or two sentences. */
export function rescuedWords(told: RescuedView, now: number, zone: string): string {
  const base =
    told.way === "copy" && told.copy_at
      ? `База восстановлена из копии от ${moment(told.copy_at, now, zone)}.`
      : "База повредилась и заведена заново: данные получены с сервера.";
  const saved = told.unsent > 0 ? `Спасено: ${unsentWords(told.unsent)}.` : "Неотправленного в старой базе не прочитано.";
  const lost =
    told.unreadable === null
      ? "Сколько не прочиталось, узнать нельзя: сверьте последние записи с бумагой."
      : told.unreadable > 0
        ? `Не прочиталось: ${unsentWords(told.unreadable)}; внесите их заново.`
        : "";
  const aside = told.set_aside ? `Старая база не удалена, она отложена: ${told.set_aside}.` : "";
  return [base, saved, lost, aside].filter(Boolean).join(" ");
}

/** A desk that asked within this time works now: it asks at least every five minutes. */
const presentMinutes = 6;

export function seenWords(desk: DeskRow, now: number, zone: string): string {
  if (desk.this) return "работает сейчас";
  if (!desk.last_seen_at) return "с подключения не выходило на связь";
  if (now - Date.parse(desk.last_seen_at) < presentMinutes * 60_000) return "на связи";
  return `последний раз на связи ${moment(desk.last_seen_at, now, zone)}`;
}

/** The key cannot be changed before these desks are updated or let go. */
export function waitWords(desks: readonly string[]): string {
  const names = desks.map((name) => `«${name}»`).join(", ");
  const [them, theirs] = desks.length === 1 ? ["место", "на нём"] : ["места", "на них"];
  return `Ключ клиники ещё не сменён: ждём ${them} ${names}. Включите и обновите ${theirs} программу или отключите и ${desks.length === 1 ? "это место" : "эти места"}. Через три дня ключ сменится без ожидания.`;
}
