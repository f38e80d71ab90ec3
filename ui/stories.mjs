/**
 * Stories of the counter in the browser host, by keyboard alone: each begins with a desk that somebody has signed in to, and
 * ends with what stands on the screen. `node stories.mjs lock` tells only those whose name begins so.
 */
import { withPage } from "./browser/driver.mjs";

const check = (holds, what) => {
  if (!holds) throw new Error(what);
};
const rows = (page) => page.script("return [...document.querySelectorAll('[data-testid=queue-row]')].map((row) => ({ id: row.dataset.request, status: row.dataset.status, chosen: row.ariaSelected === 'true' }))");
const selected = async (page) => (await rows(page)).find((row) => row.chosen);
const visits = (page) => page.script("return [...document.querySelectorAll('[data-testid=visit]')].map((one) => ({ id: one.dataset.visit, chosen: one.ariaPressed === 'true', top: one.getBoundingClientRect().top }))");
const pause = (page, ms = 120) => page.step(ms);

const stories = {
  async "callbacks: a morning of twenty by keyboard alone"(page) {
    await page.go({ query: "&many", steps: ["F3"] });
    const before = (await rows(page)).filter((row) => row.status === "new").length;
    check(before >= 20, `only ${before} new requests in the morning`);
    let called = 0;
    for (let turn = 0; called < 20 && turn < 60; turn++) {
      const row = await selected(page);
      check(row, "nothing is chosen");
      if (row.status === "new") {
        // take it, and write the call down: nobody answered, with the time that is suggested
        await page.press("w");
        await pause(page);
        await page.press("c");
        await page.element("call-dialog");
        await page.press("2");
        await page.gone("call-dialog");
        called++;
      }
      await page.press("j");
      await pause(page, 60);
    }
    const left = (await rows(page)).filter((row) => row.status === "new").length;
    check(left === before - 20, `${left} of ${before} are left after twenty calls`);
  },

  async "chain: three visits of one doctor make room for each other, and the last move is taken back"(page) {
    await page.go({ steps: ["F4", 400, "ArrowDown"] });
    const tops = async () => Object.fromEntries((await visits(page)).map((one) => [one.id, Math.round(one.top)]));
    const chosen = async () => (await visits(page)).find((one) => one.chosen)?.id;
    const carryDown = async (steps) => {
      const id = await chosen();
      await page.press("p");
      await page.element("carry-banner");
      for (let step = 0; step < steps; step++) await page.press("ArrowDown");
      await page.press("Enter");
      await page.gone("carry-banner");
      await pause(page, 250);
      return id;
    };
    // to the last of the doctor's visits: it makes room first
    for (let step = 0; step < 6; step++) await page.press("ArrowDown");
    const first = await tops();
    const moved = [];
    for (let turn = 0; turn < 3; turn++) {
      moved.push(await carryDown(8));
      await page.press("ArrowUp");
      await pause(page);
    }
    const after = await tops();
    check(new Set(moved).size === 3, `moved: ${moved}`);
    for (const id of moved) check(after[id] > first[id], `${id} did not move down`);
    await page.press("ctrl+z");
    await pause(page, 300);
    const last = moved.at(-1);
    check((await tops())[last] === first[last], "the last move was not taken back");
  },

  async "board: a doctor fell ill, three visits go to another day one by one, and a lock on the way loses none"(page) {
    const pinned = () => page.script("return [...document.querySelectorAll('[data-testid=pinned]')].map((one) => one.dataset.visit)");
    const shows = async (count) => {
      await page.element("board");
      for (let turn = 0; turn < 30 && (await pinned()).length !== count; turn++) await pause(page, 100);
      check((await pinned()).length === count, `${await pinned()} instead of ${count} on the board`);
    };
    await page.go({ steps: ["F4", 400, "ArrowDown", "shift+d"] });
    await shows(3);
    const ill = await pinned();
    // one of them stays after all, and comes last: it is pinned again
    await page.press("ArrowDown");
    await page.press("d");
    await shows(2);
    await page.press("d");
    await shows(3);
    const order = await pinned();
    check(order.join() === [...ill.slice(1), ill[0]].join(), `the order is ${order}`);
    await page.press("ctrl+l");
    await page.element("sign-in-login");
    check((await page.count("[data-testid=pinned]")) === 0, "a locked window shows nobody");
    await page.type("olga");
    await page.press("Tab");
    await page.type("1234");
    await page.press("Enter");
    await shows(3);
    check((await pinned()).join() === order.join(), "another order after the lock");
    // the board goes along to another screen and to the next day
    await page.press("F3");
    await page.element("queue-row");
    await page.press("F4");
    await page.press("PageDown");
    await shows(3);
    check((await visits(page)).length === 0, "the next day is not empty");
    for (const [turn, down] of [[0, 0], [1, 4], [2, 8]]) {
      await page.press(turn === 2 ? "1" : "b");
      await page.element("carry-banner");
      await page.press("ArrowRight");
      for (let step = 0; step < down; step++) await page.press("ArrowDown");
      await page.press("Enter");
      await page.gone("carry-banner");
      if (turn < 2) await shows(2 - turn);
    }
    await page.gone("board");
    const there = (await visits(page)).map((one) => one.id).sort();
    check(there.join() === [...ill].sort().join(), `${there} stand on the next day`);
    await page.press("ctrl+z");
    await shows(1);
    check((await pinned())[0] === order[2], "the last one is not back on the board");
    check((await visits(page)).length === 2, "the last one still stands on the next day");
  },

  async "layout: a name typed in the wrong layout is found, and opened by Enter"(page) {
    await page.go({ steps: ["F3", "ctrl+k"] });
    await page.type("bdfyjd");
    await page.says("search-shown-for", "иванов");
    await pause(page, 200);
    await page.press("Enter");
    await page.says("person-card", "Иванов");
    // a place of the program too
    await page.press("ctrl+k");
    await page.type("yfcnhjqrb");
    await pause(page, 200);
    await page.press("Enter");
    await page.element("settings-look");
  },

  async "lock: the same person comes back to the same place, another one does not"(page) {
    await page.go({ steps: ["F3", "j", "j", "j"] });
    const before = await selected(page);
    await page.press("ctrl+l");
    await page.element("sign-in-login");
    check((await page.count("[data-testid=queue-row]")) === 0, "a locked window shows nobody");
    await page.type("olga");
    await page.press("Tab");
    await page.type("1234");
    await page.press("Enter");
    await page.element("queue-row");
    const after = await selected(page);
    check(after?.id === before.id, `${after?.id} instead of ${before.id}`);
    await page.press("ctrl+l");
    await page.element("sign-in-login");
    await page.type("irina");
    await page.press("Tab");
    await page.type("улыбка-2026");
    await page.press("Enter");
    await page.element("start-shift");
  },

  async "merge: two cards are compared by keyboard, one stays, and the mistake is taken back"(page) {
    await page.go({ steps: ["ctrl+k", "search-input=иванова", 400, "Enter", 300] });
    await page.press("m");
    await page.says("merge-candidate", "Петрова");
    await page.press("Enter");
    await page.says("merge-table", "Петрова");
    // the numbers of both are kept, the name is chosen
    await page.step("#merge-name-other");
    await page.press("Enter");
    await page.gone("merge-dialog");
    await page.says("person-card", "Петрова Анна");
    await page.says("merge-row", "Петрова");
    const sameTime = () => page.script("return [...document.querySelectorAll('[data-testid=visit-meets]')].filter((one) => one.textContent.includes('другой записью этого же человека')).length");
    check((await sameTime()) === 2, "what the two cards bring together is not marked on both visits");
    await page.press("ctrl+z");
    await pause(page, 300);
    await page.says("person-card", "Иванова Анна");
    check((await page.script("return document.querySelector('[data-testid=merge-row]').dataset.parted")) === "true", "the merge still stands");
    check((await sameTime()) === 0, "two people are said to be one");
  },

  async "sale: a certificate is sold by keyboard, and its card is offered to the printer"(page) {
    await page.go({ steps: ["F5", 200, "Escape"] });
    await page.script("document.activeElement.blur()");
    await page.press("n");
    await page.element("sell-dialog");
    await page.type("5000");
    await page.press("Tab");
    await page.type("118");
    await page.press("Enter");
    await page.says("certificate-balance", "5");
    await page.says("certificate-card", "№ 118");
    await page.step("#certificate-print");
    await page.element("print-dialog");
  },

  async "handover: a note is taken over, one is left, the receipts are held against the certificates, the desk locks"(page) {
    await page.go({ steps: ["F2", "Enter"] });
    await page.says("note", "Ключ от сейфа");
    await page.press("a");
    await page.says("note", "приняла смена");
    await page.press("z");
    await page.element("end-dialog");
    await page.says("end-redeemed", "4 500");
    await page.step("end-receipts=4400");
    await page.says("end-difference", "100");
    await page.step("#end-note");
    await page.step("note-text=К. С. ждёт звонка в 10:15");
    await page.step("#note-save");
    await page.element("end-confirm");
    await page.step("#end-confirm");
    await page.element("sign-in-login");
  },

  async "setup: a founded clinic is led from its kit to the desk, and a lock on the way loses nothing"(page) {
    const signIn = async () => {
      await page.element("sign-in-login");
      await page.type("irina");
      await page.press("Tab");
      await page.type("улыбка-2026");
      await page.press("Enter");
    };
    await page.go({ mode: "locked", query: "&kit=none&setup=kit", steps: [200] });
    await signIn();
    const enabled = (part) => page.script(`return !document.querySelector('[data-testid="${part}"]').disabled`);
    await page.element("setup-kit");
    check((await page.count("[data-testid=nav-queue]")) === 0, "the desk is open before the kit was offered");
    check(!(await enabled("setup-next")), "the kit can be skipped");
    await page.step("#setup-kit-print");
    await page.step("kit-print-secret=улыбка-2026");
    await page.press("Enter");
    await page.element("setup-proof");
    check(!(await enabled("setup-next")), "the proof can be skipped");
    await page.step("#setup-kit-check");
    await page.step("kit-code=ABCD-EFGH-ABCD-EFGH-ABCD-EFGH-ABCD");
    await page.press("Enter");
    await page.says("setup-proof", "Код открыл ключ");
    // back and forth: what is done stays done
    await page.step("#setup-back");
    await page.element("setup-kit");
    await page.step("#setup-next");
    await page.element("setup-proof");
    await page.step("#setup-next");
    await page.element("setup-requisites");
    await page.step("#requisites-save");
    await page.element("setup-print");
    // the manager is called away
    await page.press("ctrl+l");
    await signIn();
    await page.element("setup-print");
    await page.step("#way-trial");
    await page.says("toast", "Пустой бланк отправлен");
    await page.step("#setup-next");
    await page.element("trial-came");
    await page.step("#setup-next");
    await page.element("setup-done");
    await page.step("#setup-finish");
    await page.element("nav-queue");
    await page.element("settings-doctors");
  },

  async "printers: a paper gets its tray, and the change is taken back"(page) {
    await page.go({ query: "&manager", steps: ["F7", 200, "2", 300] });
    const tray = () => page.script("return document.querySelectorAll('[data-testid=way-tray]')[1].value");
    const before = await tray();
    await page.script("const tray = document.querySelectorAll('[data-testid=way-tray]')[1]; tray.value = 'tray-3'; tray.dispatchEvent(new Event('change', { bubbles: true }))");
    await page.says("toast", "сохранено");
    check((await tray()) === "tray-3", "the tray was not kept");
    await page.press("ctrl+z");
    await pause(page, 300);
    check((await tray()) === before, "the tray was not taken back");
  },

  async "filter: what is chosen is one of what was asked for"(page) {
    await page.go({ steps: ["F3", 200, "f", "f", "f", "f", "f", 400] });
    check((await page.count("[data-testid=queue-closed]")) === 0, "the menu is open");
    const row = await selected(page);
    check(row !== undefined, "nothing is chosen among the closed");
    await page.says("request-card", "Орлова Вера");
    await page.step("#queue-open");
    await pause(page, 300);
    await page.says("request-card", "Анна Иванова");
  },

  async "private: names are hidden from the hall and open where they are chosen"(page) {
    await page.go({ steps: ["F3", "F8", 200] });
    const blurred = "return [...document.querySelectorAll('[data-testid=queue-row] b')].map((one) => getComputedStyle(one).filter !== 'none')";
    const hidden = await page.script(blurred);
    check(hidden[0] === false && hidden.slice(1).every(Boolean), `hidden: ${hidden}`);
    await page.press("F8");
    await pause(page, 200);
    check((await page.script(blurred)).every((one) => !one), "names stay hidden");
  },

  async "keys: a command gets another key, by its place on the keyboard"(page) {
    await page.go({ steps: ["F3", "F7", 200] });
    await page.script("[...document.querySelectorAll('[data-testid=key-row]')].find((row) => row.textContent.includes('Следующая')).querySelector('button').click()");
    await page.press("u");
    await pause(page, 200);
    await page.press("F3");
    await pause(page, 200);
    const before = await selected(page);
    await page.press("j");
    await pause(page);
    check((await selected(page)).id === before.id, "the usual key still works");
    await page.press("u");
    await pause(page);
    check((await selected(page)).id !== before.id, "the chosen key does not work");
  },
};

const wanted = process.argv.slice(2);
let failed = 0;
await withPage(async (page) => {
  await page.resize([1366, 768]);
  for (const [name, tell] of Object.entries(stories).filter(([name]) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)))) {
    try {
      await tell(page);
      console.log(`ok   ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAIL ${name}\n     ${error.message}`);
    }
  }
});
process.exitCode = failed > 0 ? 1 : 0;
