import { mount } from "svelte";
import App from "./routes/App.svelte";
import { startPlatform } from "./platform";
import { startTheme } from "./shared/theme";
import "./shared/style/tokens.css";
import "./shared/style/base.css";

startTheme();
await startPlatform();
const target = document.getElementById("app");
const gallery = import.meta.env.DEV && new URLSearchParams(window.location.search).has("gallery");
if (target) mount(gallery ? (await import("./gallery/Gallery.svelte")).default : App, { target });
