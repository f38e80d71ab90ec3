/** The guide that stands in docs/guide, read into blocks: it is shown as text, never as markup. */
import manager from "../../../../docs/guide/manager.md?raw";
import reception from "../../../../docs/guide/reception.md?raw";
import type { Screen } from "../../shared/route.svelte";

export interface Span {
  text: string;
  strong: boolean;
}

export type Block = { kind: "head"; text: string } | { kind: "text"; spans: Span[] } | { kind: "list"; items: Span[][] };

export interface Chapter {
  title: string;
  blocks: Block[];
}

const spans = (text: string): Span[] =>
  text
    .split("**")
    .map((part, index) => ({ text: part.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1"), strong: index % 2 === 1 }))
    .filter((span) => span.text !== "");

/** Reads what the guide uses of Markdown: headings, paragraphs, lists, bold. Pictures are of the printed guide. */
export function chapterOf(source: string): Chapter {
  const chapter: Chapter = { title: "", blocks: [] };
  for (const line of source.split("\n").map((one) => one.trim())) {
    const last = chapter.blocks.at(-1);
    if (line === "" || line.startsWith("![")) continue;
    if (line.startsWith("## ")) chapter.blocks.push({ kind: "head", text: line.slice(3) });
    else if (line.startsWith("# ")) chapter.title = line.slice(2);
    else if (!line.startsWith("- ")) chapter.blocks.push({ kind: "text", spans: spans(line) });
    else if (last?.kind === "list") last.items.push(spans(line.slice(2)));
    else chapter.blocks.push({ kind: "list", items: [spans(line.slice(2))] });
  }
  return chapter;
}

export const chapters = [chapterOf(reception), chapterOf(manager)];

const places: Record<Screen, string> = {
  shift: "Смена",
  queue: "Заявки",
  schedule: "Расписание",
  certificates: "Сертификаты",
  papers: "Бумаги",
  cases: "Обращения",
  person: "Люди",
  outbox: "Неотправленное",
  keys: "Ключи и копии",
  settings: "Настройки",
};

/** The heading that a screen is told under; the settings of a receptionist are those of the window. */
export function headOf(screen: Screen, manager: boolean): string {
  return screen === "settings" && !manager ? "Вид и клавиши" : places[screen];
}
