import { mount } from "svelte";
import DeskApp from "./DeskApp.svelte";
import { LookSettings } from "./desk/look.svelte";
import { Pages } from "./desk/pages.svelte";
import { DeskSession } from "./desk/session.svelte";
import "./ui/tokens.css";
import "./ui/base.css";

const target = document.getElementById("app");
if (!target) throw new Error("desk/index.html has no #app element");

const pages = new Pages();
pages.start();
const session = new DeskSession();

mount(DeskApp, { target, props: { session, pages, look: new LookSettings() } });
await session.ask();
