import { describe, expect, it } from "vitest";
import { chapterOf, chapters, headOf } from "./guide";
import type { Screen } from "../../shared/route.svelte";

const screens: Screen[] = ["shift", "queue", "schedule", "certificates", "papers", "person", "outbox", "keys", "settings"];

describe("the guide", () => {
  it("tells of every screen", () => {
    const heads = chapters.flatMap((chapter) => chapter.blocks.flatMap((block) => (block.kind === "head" ? [block.text] : [])));
    for (const screen of screens) {
      expect(heads, screen).toContain(headOf(screen, true));
      expect(heads, screen).toContain(headOf(screen, false));
    }
  });

  it("is read as text, with what is bold", () => {
    const { title, blocks } = chapterOf("# Заголовок\n\n## Раз\n\n![Картинка](x.png)\n\nНажмите **F1** или [сюда](a.md).\n\n- один\n- **два**\n");
    expect(title).toBe("Заголовок");
    expect(blocks).toEqual([
      { kind: "head", text: "Раз" },
      { kind: "text", spans: [{ text: "Нажмите ", strong: false }, { text: "F1", strong: true }, { text: " или сюда.", strong: false }] },
      { kind: "list", items: [[{ text: "один", strong: false }], [{ text: "два", strong: true }]] },
    ]);
  });
});
