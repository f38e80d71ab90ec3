/**
 * Pictures of the screens on the made-up clinic: light and dark, 1366×768 and the same at 125 %, a few at 200 %. `cargo xtask screens`
 * runs it inside of a display; all go to target/screens, the screens themselves to docs/screens as well.
 * `node screens.mjs queue person` takes only those whose name begins so, `--docs` those of docs/screens alone.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import UPNG from "upng-js";
import { views, withPage } from "./browser/driver.mjs";
import { shots } from "./browser/shots.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const all = join(here, "../target/screens");
const docs = join(here, "../docs/screens");
const colours = 96;
const docsOnly = process.argv.includes("--docs");
const wanted = process.argv.slice(2).filter((one) => one !== "--docs");
const some = shots.filter((one) => (wanted.length === 0 || wanted.some((start) => one.name.startsWith(start))) && (!docsOnly || one.doc));

/** «queue» for the guide and the README; «queue-125-dark» for whoever looks at all. */
const kept = (name, view, theme) => join(docs, `${name}${view === "full" ? "" : `-${view}`}${theme === "light" ? "" : `-${theme}`}.png`);

/** The few colours of a screen as a palette: what is read on a page of the documentation weighs a third. */
function lighter(picture) {
  const read = UPNG.decode(new Uint8Array(picture).buffer);
  return Buffer.from(UPNG.encode(UPNG.toRGBA8(read), read.width, read.height, colours));
}

await withPage(async (page) => {
  mkdirSync(all, { recursive: true });
  mkdirSync(docs, { recursive: true });
  for (const [view, size] of Object.entries(views)) {
    await page.resize(size);
    for (const shot of view === "200" ? some.filter((one) => one.zoom && !docsOnly) : some) {
      await page.go(shot);
      await page.still();
      for (const theme of ["light", "dark"]) {
        await page.script(`document.documentElement.dataset.theme = "${theme}"`);
        await page.drawn();
        await wait(150);
        const picture = await page.picture();
        writeFileSync(join(all, `${shot.name}-${view}-${theme}.png`), picture);
        if (shot.doc && view !== "200") writeFileSync(kept(shot.name, view, theme), lighter(picture));
      }
      console.log(`${shot.name} ${view}`);
    }
  }
});
