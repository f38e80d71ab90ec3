import { describe, expect, it } from "vitest";
import type { SyncView } from "../wire/wire";
import { syncWords } from "./sync-words";

const zone = "Europe/Moscow";
const now = Date.parse("2026-11-23T09:17:00+03:00");
const base: SyncView = {
  link: "online",
  as_of: "2026-11-23T06:03:00Z",
  last_contact: "2026-11-23T06:03:00Z",
  unsent: 0,
  refused: 0,
  newer: 0,
  pulled: 0,
  clock_drift_seconds: null,
  retry_at: null,
  needs_version: null,
  lacks_key: false,
};
const words = (change: Partial<SyncView>) => {
  const { text, tone, sign } = syncWords({ ...base, ...change }, now, zone);
  return [text.replaceAll("\u00a0", " "), tone, sign];
};

describe("the sync pill", () => {
  it("says since when the data are", () => {
    expect(words({})).toEqual(["Связь есть · 09:03", "ok", "on"]);
  });

  it("says how long there is no link and how much has not left", () => {
    expect(words({ link: "offline", unsent: 3 })).toEqual(["Нет связи 14 мин · не отправлено 3", "warn", "off"]);
  });

  it("is never green while something is unsent", () => {
    expect(words({ unsent: 1 })).toEqual(["Связь есть · 09:03 · не отправлено 1", "warn", "on"]);
  });

  it("is red while something is refused, with or without a link", () => {
    expect(words({ refused: 2 })).toEqual(["Связь есть · 09:03 · отказано 2", "bad", "bad"]);
    expect(words({ link: "offline", refused: 1 })[1]).toBe("bad");
  });

  it("counts what comes in", () => {
    expect(words({ link: "syncing", pulled: 1240 })[0]).toBe("Получаем данные: 1240");
  });

  it("does not invent a time that never was", () => {
    expect(words({ link: "offline", as_of: null, last_contact: null })[0]).toBe("Нет связи");
    expect(syncWords({ ...base, as_of: null }, now, zone).title).toBe("Данные ещё ни разу не получены");
  });

  it("says that the desk is cut off", () => {
    expect(words({ link: "refused" })).toEqual(["Сервер не узнаёт это место", "bad", "bad"]);
    expect(words({ link: "refused", lacks_key: true })).toEqual(["Нет нового ключа клиники", "bad", "bad"]);
    expect(words({ link: "revoked" })).toEqual(["Место отключено от клиники", "bad", "bad"]);
  });

  it("says which version is needed, and what is not shown without it", () => {
    expect(words({ link: "outdated", needs_version: "1.4.0", unsent: 2 })).toEqual(["Нужна версия 1.4.0 · не отправлено 2", "bad", "bad"]);
    expect(words({ link: "outdated" })[0]).toBe("Нужна новая версия");
    expect(words({ newer: 3 })).toEqual(["Связь есть · 09:03 · не показано 3", "warn", "on"]);
  });
});
