import { mount } from "svelte";
import DeskApp from "./DeskApp.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app element");
mount(DeskApp, { target });
