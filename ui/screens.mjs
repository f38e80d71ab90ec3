/**
 * Pictures of the screens on the made-up clinic: light and dark, 1366×768 and the same at 125 %. `cargo xtask screens`
 * runs it inside of a display; all go to target/screens, those of the documentation to docs/screens as well.
 * `node screens.mjs queue person` takes only those whose name begins so.
 */
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const all = join(here, "../target/screens");
const docs = join(here, "../docs/screens");
const browser = process.env.RECEPTION_BROWSER ?? "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const views = { full: [1366, 768], "125": [1093, 614] };

/** `keys` are pressed, `#part` is clicked, `part=text` is filled in, a number is waited for. */
const shots = [
  { name: "shift", steps: ["F2", 400], doc: true },
  { name: "queue", steps: ["F3"] },
  { name: "queue-blocked", query: "&blocked", steps: ["F3"] },
  { name: "queue-call", steps: ["F3", "c"] },
  { name: "person", steps: ["ctrl+k", "search-input=иванова", 400, "Enter"], doc: true },
  { name: "person-contact", steps: ["ctrl+k", "search-input=иванова", 400, "Enter", 200, "c", 200, "4"] },
  { name: "person-consent", steps: ["ctrl+k", "search-input=иванова", 400, "Enter", 200, "s", 200, "4"] },
  { name: "person-block", steps: ["ctrl+k", "search-input=иванова", 400, "Enter", 200, "l"] },
  { name: "person-blocked", query: "&blocked", steps: ["F3", 200, "#request-person"], doc: true },
  { name: "person-checked", query: "&blocked&manager", steps: ["F3", 200, "#request-person", 200, "#person-check"] },
  { name: "block-by-phone", steps: ["ctrl+k", "search-input=заблокировать дан", 300, "Enter", 200, "block-phone=8 912 345 67 89"] },
  { name: "certificate", steps: ["F5", "certificate-code=ABCD-EFGH-ZP3H", "Enter"], doc: true },
  { name: "certificate-offline", mode: "offline", steps: ["F5", "certificate-code=ABCD-EFGH-ZP3H", "Enter"] },
  { name: "certificate-alike", steps: ["F5", "certificate-code=ZP3H", "Enter"] },
  { name: "certificate-missing", steps: ["F5", "certificate-code=ABC", "Enter"] },
  { name: "schedule", steps: ["F4"] },
  { name: "schedule-blocked", query: "&blocked", steps: ["F4", 200, "ArrowDown", "ArrowDown"] },
  { name: "schedule-carry", steps: ["F4", 300, "ArrowDown", "ArrowDown", "p", "ArrowDown", "ArrowDown", "ArrowRight"] },
  { name: "schedule-week", steps: ["F4", "v", "v"], doc: true },
  { name: "schedule-move", steps: ["F4", 300, "ArrowDown", "ArrowDown", "m"] },
  { name: "schedule-calls", steps: ["F4", "g", 300, "j", "Enter"] },
  { name: "schedule-offline", mode: "offline", steps: ["F4", 200, "ArrowDown"] },
  { name: "papers", query: "&manager", steps: ["#nav-papers", 300], doc: true },
  { name: "papers-packet", query: "&manager", steps: ["#nav-papers", 200, "#papers-packet", 300], doc: true },
  { name: "papers-journal", query: "&manager", steps: ["#nav-papers", 200, "#papers-journal", 300] },
  { name: "print", steps: ["ctrl+k", "search-input=иванова", 400, "Enter", 200, "ctrl+p", 1200] },
  { name: "outbox", mode: "offline", steps: ["ctrl+o", 300] },
  { name: "keys", query: "&manager&desks=due", steps: ["#nav-keys", 300], doc: true },
];

const keyCodes = { Enter: "\uE007", ArrowDown: "\uE015", ArrowUp: "\uE013", ArrowRight: "\uE014", ArrowLeft: "\uE012", F2: "\uE032", F3: "\uE033", F4: "\uE034", F5: "\uE035" };

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const children = [];
function start(program, args) {
  const child = spawn(program, args, { cwd: here, stdio: ["ignore", "ignore", "inherit"] });
  children.push(child);
}

async function until(what, ask) {
  for (let turn = 0; turn < 300; turn++) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && answer !== false) return answer;
    await wait(100);
  }
  throw new Error(`${what}: waited in vain`);
}

let driver = "";
async function ask(method, path, body) {
  const answer = await fetch(`${driver}${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${value?.error} ${value?.message}`);
  return value;
}

async function main() {
  const [site, port] = [await freePort(), await freePort()];
  start("node", ["node_modules/vite/bin/vite.js", "--port", String(site), "--host", "127.0.0.1"]);
  start("WebKitWebDriver", [`--port=${port}`]);
  driver = `http://127.0.0.1:${port}`;
  const origin = `http://127.0.0.1:${site}`;
  await until("vite", async () => (await fetch(origin)).ok);
  await until("the driver", async () => (await ask("GET", "/status")).ready);
  const options = { binary: browser, args: ["--automation"] };
  const { sessionId } = await ask("POST", "/session", { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } } });
  const session = `/session/${sessionId}`;
  const script = (text) => ask("POST", `${session}/execute/sync`, { script: text, args: [] });
  const element = async (part) => {
    const found = await until(part, () => ask("POST", `${session}/element`, { using: "css selector", value: `[data-testid="${part}"]` }));
    return Object.values(found)[0];
  };
  async function press(key) {
    const [last, ...held] = key.split("+").reverse();
    const one = (type, value) => ({ type, value });
    const held_ = held.includes("ctrl") ? ["\uE009"] : [];
    const sign = keyCodes[last] ?? last;
    const actions = [...held_.map((value) => one("keyDown", value)), one("keyDown", sign), one("keyUp", sign), ...held_.map((value) => one("keyUp", value))];
    await ask("POST", `${session}/actions`, { actions: [{ type: "key", id: "keys", actions }] });
  }
  async function step(one) {
    if (typeof one === "number") return wait(one);
    if (one.startsWith("#")) return ask("POST", `${session}/element/${await element(one.slice(1))}/click`, {});
    const [part, text] = one.split("=");
    if (text === undefined) return press(one);
    return ask("POST", `${session}/element/${await element(part)}/value`, { text });
  }
  mkdirSync(all, { recursive: true });
  mkdirSync(docs, { recursive: true });
  const wanted = process.argv.slice(2);
  let size = "";
  for (const { name, mode = "signed", query = "", steps, doc } of shots.filter((one) => wanted.length === 0 || wanted.some((start) => one.name.startsWith(start)))) {
    for (const [view, [width, height]] of Object.entries(views)) {
      if (size !== view) {
        const [outer, inner] = [await ask("GET", `${session}/window/rect`), await script("return [innerWidth, innerHeight]")];
        const rect = { x: 0, y: 0, width: width + outer.width - inner[0], height: height + outer.height - inner[1] };
        await ask("POST", `${session}/window/rect`, rect);
        size = view;
      }
      await ask("POST", `${session}/url`, { url: `${origin}/?fixtures=${mode}${query}` });
      await until("the desk", () => script("return document.querySelector('[data-testid=nav-queue]') !== null"));
      for (const one of steps) {
        await step(one);
        await wait(120);
      }
      for (const theme of ["light", "dark"]) {
        await script(`document.documentElement.dataset.theme = "${theme}"`);
        await wait(250);
        const file = join(all, `${name}-${view}-${theme}.png`);
        writeFileSync(file, Buffer.from(await ask("GET", `${session}/screenshot`), "base64"));
        if (doc && view === "full" && theme === "light") copyFileSync(file, join(docs, `${name}.png`));
      }
    }
    console.log(name);
  }
  await ask("DELETE", session);
}

try {
  await main();
} finally {
  for (const child of children) child.kill();
}
