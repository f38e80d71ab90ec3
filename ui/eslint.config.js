import svelte from "eslint-plugin-svelte";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

const browserGlobals = Object.fromEntries(
  [
    "window", "document", "navigator", "console", "setTimeout", "clearTimeout", "setInterval", "clearInterval",
    "fetch", "EventSource", "URL", "URLSearchParams", "KeyboardEvent", "PointerEvent", "HTMLElement", "Event",
    "requestAnimationFrame", "structuredClone", "Blob", "Uint8Array", "matchMedia", "crypto",
  ].map((name) => [name, "readonly"]),
);

const shellOnly = {
  patterns: [
    {
      group: ["@tauri-apps/*"],
      message: "Only src/platform may talk to the shell: the same screens run in a browser host.",
    },
  ],
};

export default ts.config(
  { ignores: ["dist/", "node_modules/", "src/wire/wire.ts"] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: browserGlobals },
    rules: {
      "no-undef": "off",
      "no-eval": "error",
      "no-implied-eval": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-restricted-imports": ["error", shellOnly],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Visitors' text reaches this window: show it as text." },
        { property: "outerHTML", message: "Visitors' text reaches this window: show it as text." },
        { object: "window", property: "localStorage", message: "Nothing personal may stay in the webview." },
      ],
      "max-lines": ["error", { max: 500 }],
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
    rules: {
      "svelte/no-at-html-tags": "error",
      // style:--name={…} goes through CSSOM and passes the policy; a style attribute does not.
      "no-restricted-syntax": ["error", { selector: "SvelteAttribute[key.name='style']", message: "The policy forbids style attributes." }],
      "svelte/button-has-type": "error",
      "svelte/no-target-blank": "error",
      "svelte/require-each-key": "error",
    },
  },
  { files: ["**/*.svelte"], rules: { "max-lines": ["error", { max: 300 }] } },
  { files: ["src/platform/**"], rules: { "no-restricted-imports": "off" } },
  { files: ["src/**/*.test.ts", "src/platform/fixtures/**"], rules: { "max-lines": ["error", { max: 800 }] } },
);
