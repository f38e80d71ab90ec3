import { mount } from "svelte";
import App from "./routes/App.svelte";
import { startPlatform } from "./platform";
import { startTheme } from "./shared/theme";
import "./shared/style/tokens.css";
import "./shared/style/base.css";

startTheme();
await startPlatform();
const target = document.getElementById("app");
if (target) mount(App, { target });
