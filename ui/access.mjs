/**
 * Whether everybody can work with the screens: axe (WCAG 2.2 AA and its own best practices) on every one of them, light and
 * dark; no target under 24 px; nothing that scrolls the page sideways, at 200 % neither. Answers 1 with what is wrong.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as wait } from "node:timers/promises";
import { views, withPage } from "./browser/driver.mjs";
import { shots } from "./browser/shots.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
const smallest = 24;
const wrong = [];
const wanted = process.argv.slice(2);
// a crowd of the same rows says nothing new and takes minutes: it is looked at when it is named
const some = shots.filter((one) => (wanted.length === 0 ? !one.crowd : wanted.some((start) => one.name.startsWith(start))));

/** Targets under 24 px that are not words in a sentence. */
const small = `
  const targets = [...document.querySelectorAll("button, a[href], input, select, textarea, summary, [role=button]")];
  const least = arguments[0];
  return targets
    .filter((one) => one.checkVisibility() && !(["checkbox", "radio", "file"].includes(one.type) && one.closest("label")) && !one.closest("p"))
    .map((one) => ({ one, box: one.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && (box.width < least - 0.5 || box.height < least - 0.5))
    .map(({ one, box }) => one.outerHTML.slice(0, 90) + " " + Math.round(box.width) + "×" + Math.round(box.height));`;

const sideways = "return document.documentElement.scrollWidth > innerWidth + 1 || [...document.querySelectorAll('main, main > *')].some((one) => one.scrollWidth > one.clientWidth + 1)";

await withPage(async (page) => {
  for (const shot of some) {
    const say = (what) => {
      wrong.push(what);
      console.log(`${shot.name}: ${what}`);
    };
    await page.resize(views.full);
    await page.go(shot);
    await page.still();
    await page.script(axe);
    for (const theme of ["light", "dark"]) {
      await page.script(`document.documentElement.dataset.theme = "${theme}"`);
      await wait(50);
      const found = await page.later(
        "const done = arguments[arguments.length - 1]; axe.run(document, arguments[0]).then((r) => done(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).join(', '))), (e) => done(['axe: ' + e]));",
        rules,
      );
      for (const one of found) say(`${theme} ${one}`);
    }
    for (const [view, size] of Object.entries(views)) {
      await page.resize(size);
      for (const one of await page.script(small, smallest)) say(`${view} small ${one}`);
      if (await page.script(sideways)) say(`${view} scrolls sideways`);
    }
  }
});
console.log(`${some.length} screens, ${wrong.length} findings`);
process.exitCode = wrong.length > 0 ? 1 : 0;
