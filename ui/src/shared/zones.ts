/** The zones of Russia. The clinic's own is always asked for: it is not taken from the computer and has no default. */
export const zones: readonly { value: string; label: string }[] = [
  { value: "Europe/Kaliningrad", label: "Калининград (UTC+2)" },
  { value: "Europe/Moscow", label: "Москва, Санкт-Петербург, Казань (UTC+3)" },
  { value: "Europe/Simferopol", label: "Симферополь (UTC+3)" },
  { value: "Europe/Kirov", label: "Киров (UTC+3)" },
  { value: "Europe/Volgograd", label: "Волгоград (UTC+3)" },
  { value: "Europe/Astrakhan", label: "Астрахань (UTC+4)" },
  { value: "Europe/Saratov", label: "Саратов (UTC+4)" },
  { value: "Europe/Ulyanovsk", label: "Ульяновск (UTC+4)" },
  { value: "Europe/Samara", label: "Самара, Ижевск (UTC+4)" },
  { value: "Asia/Yekaterinburg", label: "Екатеринбург, Уфа, Пермь, Челябинск (UTC+5)" },
  { value: "Asia/Omsk", label: "Омск (UTC+6)" },
  { value: "Asia/Novosibirsk", label: "Новосибирск (UTC+7)" },
  { value: "Asia/Barnaul", label: "Барнаул (UTC+7)" },
  { value: "Asia/Tomsk", label: "Томск (UTC+7)" },
  { value: "Asia/Novokuznetsk", label: "Новокузнецк, Кемерово (UTC+7)" },
  { value: "Asia/Krasnoyarsk", label: "Красноярск (UTC+7)" },
  { value: "Asia/Irkutsk", label: "Иркутск, Улан-Удэ (UTC+8)" },
  { value: "Asia/Chita", label: "Чита (UTC+9)" },
  { value: "Asia/Yakutsk", label: "Якутск, Благовещенск (UTC+9)" },
  { value: "Asia/Khandyga", label: "Хандыга (UTC+9)" },
  { value: "Asia/Vladivostok", label: "Владивосток, Хабаровск (UTC+10)" },
  { value: "Asia/Ust-Nera", label: "Усть-Нера (UTC+10)" },
  { value: "Asia/Magadan", label: "Магадан (UTC+11)" },
  { value: "Asia/Sakhalin", label: "Южно-Сахалинск (UTC+11)" },
  { value: "Asia/Srednekolymsk", label: "Среднеколымск (UTC+11)" },
  { value: "Asia/Kamchatka", label: "Петропавловск-Камчатский (UTC+12)" },
  { value: "Asia/Anadyr", label: "Анадырь (UTC+12)" },
];

/** What the clock on the wall shows in a zone, «14:05». */
export function wallIn(zone: string | undefined, at: number): string {
  return new Intl.DateTimeFormat("ru-RU", { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(at);
}

/** Minutes between the clocks of two zones at one moment; nothing where a zone is not known to this computer. */
function apart(one: string, other: string, at: number): number | undefined {
  const wall = (zone: string) => Date.parse(`${new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(at).replace(" ", "T")}Z`);
  try {
    return Math.round((wall(one) - wall(other)) / 60_000);
  } catch {
    return undefined;
  }
}

/** Words of warning when the clinic's clock is not the computer's: one of the two is probably wrong. */
export function zoneWarning(chosen: string, computer: string, at: number): string | null {
  if (chosen === "" || !apart(chosen, computer, at)) return null;
  return `В клинике по этому поясу сейчас ${wallIn(chosen, at)}, а на этом компьютере ${wallIn(computer, at)}. Проверьте: пояс потом не поменять.`;
}
