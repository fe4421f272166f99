import { mount } from "svelte";
import FieldApp from "./FieldApp.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app element");
mount(FieldApp, { target });
