/** The page on which anybody checks a receipt file: no sign-in, no network once it is open. */
import { mount } from "svelte";
import { LookSettings } from "./desk/look.svelte";
import ReceiptApp from "./receipts/ReceiptApp.svelte";
import "./ui/tokens.css";
import "./ui/base.css";

const target = document.getElementById("app");
if (!target) throw new Error("receipt/index.html has no #app element");

mount(ReceiptApp, { target, props: { look: new LookSettings() } });
