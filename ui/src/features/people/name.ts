/**
 * A site often sends a name in one line. The split is only a proposal in the form's fields: a person checks it.
 * Nothing is title-cased, declined or guessed beyond the order «фамилия имя отчество».
 */
import type { PersonName } from "../../wire/wire";

const patronymicEnd = /(вич|вна|ична|инична|оглы|кызы)$/i;

export function proposeName(line: string): PersonName {
  const words = line.trim().split(/\s+/).filter(Boolean);
  const [a = "", b = "", ...rest] = words;
  if (words.length <= 1) return { family: "", given: a, patronymic: "" };
  // «Анна Петровна» and «Анна Петровна Иванова»: the name comes first.
  if (patronymicEnd.test(b) && !patronymicEnd.test(rest.at(-1) ?? "")) return { family: rest.join(" "), given: a, patronymic: b };
  return { family: a, given: b, patronymic: rest.join(" ") };
}
