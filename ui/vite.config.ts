import { defineConfig } from "vitest/config";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";

/**
 * The window's policy forbids inline script and style, so nothing may be inlined:
 * assets stay files and the module preload shim is left out.
 */
export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  envPrefix: ["VITE_", "TAURI_ENV_"],
  // the guide is read from docs/guide
  server: { fs: { allow: [".."] }, port: 1420, strictPort: true, host: "localhost" },
  build: {
    target: process.env.TAURI_ENV_PLATFORM === "windows" ? "chrome120" : "safari16.4",
    sourcemap: Boolean(process.env.TAURI_ENV_DEBUG),
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts"],
    setupFiles: ["src/shared/testing/setup.ts"],
  },
});
