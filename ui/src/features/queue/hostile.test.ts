import { render, screen } from "@testing-library/svelte";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { usePlatform } from "../../platform";
import type { RequestCard } from "../../wire/wire";
import Card from "./RequestCard.svelte";
import Rows from "./QueueRows.svelte";

/** What a visitor may write where a name is asked for; each is shown as the words that it is. */
const strings = [
  "<script>heard('script')</script>",
  "<img src=x onerror=heard('img')>",
  "<svg onload=heard('svg')>",
  "<svg><script>heard('svg script')</script></svg>",
  "<iframe srcdoc=\"<script>parent.heard('iframe')</script>\"></iframe>",
  "<body onload=heard('body')>",
  "<a href=\"javascript:heard('a')\">нажмите</a>",
  "<form action=javascript:heard('form')><button>Отправить</button></form>",
  "<input autofocus onfocus=heard('input')>",
  "<details open ontoggle=heard('details')>",
  "<video><source onerror=heard('video')></video>",
  "<object data=\"javascript:heard('object')\"></object>",
  "<embed src=\"javascript:heard('embed')\">",
  "<math><mi xlink:href=\"javascript:heard('math')\">x</mi></math>",
  "<link rel=stylesheet href=https://example.org/x.css>",
  "<style>*{display:none}</style>",
  "<meta http-equiv=refresh content=0>",
  "<base href=https://example.org/>",
  "<template><img src=x onerror=heard('template')></template>",
  "<noscript><img title=\"</noscript><img src=x onerror=heard('noscript')>\"></noscript>",
  "<!--><img src=x onerror=heard('comment')>-->",
  "]]><img src=x onerror=heard('cdata')>",
  "\"><img src=x onerror=heard('attribute')>",
  "' onmouseover='heard(1)",
  "javascript:heard('url')",
  "{\u0040html '<img src=x onerror=heard(1)>'}",
  "${heard('template literal')}",
  "{{constructor.constructor('heard(1)')()}}",
  "&lt;img src=x onerror=heard('entity')&gt;",
  "%3Cimg src=x onerror=heard('percent')%3E",
  "<img src=x onerror=heard('case')>",
  "\u202E<img src=x onerror=heard('direction')>",
];

function card(text: string): RequestCard {
  const row: RequestCard["row"] = {
    id: "req_1", kind: "callback", status: "new", name: text, phone_masked: text, service: text, submitted_at: "2026-11-23T02:00:00Z",
    due_at: null, overdue: false, tries: 0, claimed_by: text, claimed_by_me: false, same_phone: 0, follows: false, quarantine: null,
    withdrawn: false, test: false, blocked: false, certainty: "confirmed",
  };
  return {
    row, phone: null, email: text, doctor: text, preferred_time: text, comment: text, extra: [[text, text]], sent: [[text, text]],
    source: { connector: "tilda", source: text, site: text }, consent_field: text, calls: [], next_try_at: null,
    suggested_try_at: "2026-11-23T04:30:00Z", suggest_close: false, person: null, matches: [], same_phone: [], appointment: null, next_visit: null,
  };
}

const kinds = (root: ParentNode) => [...root.querySelectorAll("*")].map((one) => one.tagName).sort().join(" ");
const handlers = (root: ParentNode) => [...root.querySelectorAll("*")].flatMap((one) => one.getAttributeNames().filter((name) => name.startsWith("on")));

async function shown(text: string): Promise<HTMLElement> {
  usePlatform({
    call: async (command) => (command === "request_card" ? card(text) : command === "contact_ask" ? { allowed: true, why: "own_request", phones: [] } : null),
    bytes: () => Promise.resolve(new Uint8Array()),
    on: () => () => undefined,
  });
  const { container, unmount } = render(Card, { id: "req_1" });
  await screen.findByTestId("request-card");
  const copy = container.cloneNode(true) as HTMLElement;
  unmount();
  return copy;
}

function listed(text: string): HTMLElement {
  const { container, unmount } = render(Rows, { rows: [card(text).row], chosen: null, onchoose: () => undefined });
  const copy = container.cloneNode(true) as HTMLElement;
  unmount();
  return copy;
}

describe("what a site sends makes no element, no handler and no call of its own, and is shown to the letter", () => {
  const heard = vi.fn();
  const plain = { card: "", row: "" };

  beforeAll(async () => {
    vi.stubGlobal("heard", heard);
    plain.card = kinds(await shown("Ольга"));
    plain.row = kinds(listed("Ольга"));
  });
  afterAll(() => vi.unstubAllGlobals());

  it.each(strings)("%s", async (text) => {
    for (const [root, expected] of [[await shown(text), plain.card], [listed(text), plain.row]] as const) {
      expect(kinds(root)).toBe(expected);
      expect(handlers(root)).toEqual([]);
      expect(root.textContent).toContain(text);
    }
    expect(heard).not.toHaveBeenCalled();
  });
});
