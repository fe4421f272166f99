import { mount } from "svelte";
import { openField } from "./app/open";
import { Session } from "./app/session.svelte";
import FieldApp from "./FieldApp.svelte";
import { awaitInstallOffer } from "./people/install.svelte";
import { blankWhenHidden } from "./ui/blank";
import { enrolmentCode } from "./ui/route";
import { Router } from "./ui/router.svelte";
import StartFailed from "./ui/StartFailed.svelte";
import { keepWordsWhole } from "./ui/text/tight";
import { Update } from "./ui/update.svelte";
import "./ui/tokens.css";
import "./ui/base.css";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app element");

// A code works once, but it has no business in the history of the browser.
const code = enrolmentCode(location.hash);
if (code) history.replaceState(null, "", "#/today");

awaitInstallOffer();
const isFromHomeScreen = matchMedia("(display-mode: standalone)").matches;
blankWhenHidden(document, window, isFromHomeScreen);
keepWordsWhole(document.body);
const router = new Router();
router.start();
const update = new Update();

try {
  mount(FieldApp, { target, props: { session: new Session(await openField()), router, update, code } });
} catch (failure) {
  mount(StartFailed, { target, props: { detail: String(failure) } });
  throw failure;
} finally {
  // Also then: the way out of a broken version is a newer one.
  await update.start();
}
