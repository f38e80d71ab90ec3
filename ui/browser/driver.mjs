/**
 * The window's screens in the engine that the window has: the made-up clinic served by Vite, a browser under WebDriver.
 * Needs a display; `cargo xtask` gives one.
 */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ui = join(dirname(fileURLToPath(import.meta.url)), "..");
const browser = process.env.RECEPTION_BROWSER ?? "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
/** 1366×768, and the same at 125 % and at 200 %. */
export const views = { full: [1366, 768], 125: [1093, 614], 200: [683, 384] };

/** A Wednesday morning at the clinic: whatever the hour, a picture says the same. */
const morning = "2026-11-25T10:07:00%2B07:00";

const signs = { Enter: "\uE007", Tab: "\uE004", Escape: "\uE00C", Delete: "\uE017", ArrowDown: "\uE015", ArrowUp: "\uE013", ArrowRight: "\uE014", ArrowLeft: "\uE012", PageUp: "\uE00E", PageDown: "\uE00F" };
const sign = (key) => signs[key] ?? (/^F\d+$/.test(key) ? String.fromCharCode(0xe030 + Number(key.slice(1))) : key);
const holds = { ctrl: "\uE009", shift: "\uE008" };

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

async function until(what, ask) {
  for (let turn = 0; turn < 300; turn++) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && answer !== false) return answer;
    await wait(100);
  }
  throw new Error(`${what}: waited in vain`);
}

/** Gives a page of the made-up clinic to the task, and ends everything that it started. */
export async function withPage(task) {
  const children = [];
  const start = (program, args) => children.push(spawn(program, args, { cwd: ui, stdio: ["ignore", "ignore", "inherit"] }));
  try {
    const [site, port] = [await freePort(), await freePort()];
    start("node", ["node_modules/vite/bin/vite.js", "--port", String(site), "--host", "127.0.0.1"]);
    start("WebKitWebDriver", [`--port=${port}`]);
    const origin = `http://127.0.0.1:${site}`;
    const driver = `http://127.0.0.1:${port}`;
    const ask = async (method, path, body) => {
      const answer = await fetch(`${driver}${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
      const { value } = await answer.json();
      if (!answer.ok) throw new Error(`${path}: ${value?.error} ${value?.message}`);
      return value;
    };
    await until("vite", async () => (await fetch(origin)).ok);
    await until("the driver", async () => (await ask("GET", "/status")).ready);
    const options = { binary: browser, args: ["--automation"] };
    // axe takes longer than the usual half a minute over many rows where a compiler runs beside
    const wanted = { "webkitgtk:browserOptions": options, timeouts: { script: 180_000 } };
    const { sessionId } = await ask("POST", "/session", { capabilities: { alwaysMatch: wanted } });
    await task(pageOf(origin, (method, path, body) => ask(method, `/session/${sessionId}${path}`, body)));
    await ask("DELETE", `/session/${sessionId}`);
  } finally {
    for (const child of children) child.kill();
  }
}

function pageOf(origin, ask) {
  const script = (text, ...args) => ask("POST", "/execute/sync", { script: text, args });
  const page = {
    script,
    /** The same for a script that answers later, through its last argument. */
    later: (text, ...args) => ask("POST", "/execute/async", { script: text, args }),
    /** Nothing moves or fades any more: halfway colours are nobody's. */
    still: () => script("const sheet = new CSSStyleSheet(); sheet.replaceSync('*, *::before, *::after { transition: none !important; animation: none !important; }'); document.adoptedStyleSheets = [sheet]"),
    /** What was changed is on the screen. */
    drawn: () => ask("POST", "/execute/async", { script: "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))", args: [] }),
    picture: async () => Buffer.from(await ask("GET", "/screenshot"), "base64"),
    async resize([width, height]) {
      const [outer, inner] = [await ask("GET", "/window/rect"), await script("return [innerWidth, innerHeight]")];
      await ask("POST", "/window/rect", { x: 0, y: 0, width: width + outer.width - inner[0], height: height + outer.height - inner[1] });
    },
    async open(mode, query = "") {
      await ask("POST", "/url", { url: `${origin}/?fixtures=${mode}${query.includes("&at=") ? "" : `&at=${morning}`}${query}` });
      await until("the desk", () => script("return document.querySelector('main') !== null"));
      await wait(150);
    },
    async element(part) {
      const found = await until(part, () => ask("POST", "/element", { using: "css selector", value: `[data-testid="${part}"]` }));
      return Object.values(found)[0];
    },
    async press(key) {
      const [last, ...held] = key.split("+").reverse();
      const one = (type, value) => ({ type, value });
      const down = held.map((name) => holds[name]);
      const actions = [...down.map((value) => one("keyDown", value)), one("keyDown", sign(last)), one("keyUp", sign(last)), ...down.map((value) => one("keyUp", value))];
      await ask("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
    },
    /** Letters one after another into whatever has the focus. */
    async type(text) {
      for (const letter of text) await page.press(letter);
    },
    /** What the page says at a place, waited for. */
    says: (part, wanted) => until(`${part}: ${wanted}`, async () => ((await script(`return document.querySelector('[data-testid="${part}"]')?.textContent ?? ""`)).replaceAll("\u00a0", " ").includes(wanted) ? true : undefined)),
    count: (selector) => script("return document.querySelectorAll(arguments[0]).length", selector),
    gone: (part) => until(`${part} goes`, async () => (await page.count(`[data-testid="${part}"]`)) === 0),
    /** A key is pressed, `#part` is clicked, `part=text` is filled in, a number is waited for. */
    async step(one) {
      if (typeof one === "number") return wait(one);
      if (one.startsWith("#")) return ask("POST", `/element/${await page.element(one.slice(1))}/click`, {});
      const [part, text] = one.split("=");
      if (text === undefined) return page.press(one);
      return ask("POST", `/element/${await page.element(part)}/value`, { text });
    },
    async go({ mode = "signed", query, steps }) {
      await page.open(mode, query);
      for (const one of steps) {
        await page.step(one);
        await wait(120);
      }
    },
  };
  return page;
}
