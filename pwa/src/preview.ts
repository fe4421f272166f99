/** The phone inside the desk: a page of its own, framed at a phone's size, so that its look and its addresses are its own. */
import { mount } from "svelte";
import { isFromDesk, tellDesk } from "./authoring/talk";
import PreviewApp from "./preview/PreviewApp.svelte";
import { Stage } from "./preview/stage.svelte";
import { Router } from "./ui/router.svelte";
import "./ui/tokens.css";
import "./ui/base.css";

const target = document.getElementById("app");
if (!target) throw new Error("desk/preview.html has no #app element");

// Screens bring their heading into focus as they open. In a frame that would take the keyboard away from the desk.
const { focus } = HTMLElement.prototype;
HTMLElement.prototype.focus = function (options) {
  if (document.hasFocus()) focus.call(this, options);
};

const router = new Router();
router.start();
const stage = new Stage(router);

addEventListener("message", (event: MessageEvent<unknown>) => {
  if (isFromDesk(event)) stage.take(event.data);
});
mount(PreviewApp, { target, props: { stage, router } });
tellDesk({ tell: "ready" });
