import { mount } from "svelte";
import { openField } from "./app/open";
import { rested } from "./app/rest";
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
let working: Promise<unknown> = Promise.resolve();

try {
  const session = await Session.begin(await openField());
  // Fetched once somebody sees something and nothing else is to be done: an enrolment or a passphrase takes longer than this.
  const screens = rested().then(() => import("./app/screens/work"));
  working = screens;
  mount(FieldApp, { target, props: { session, router, update, code, working: screens } });
} catch (failure) {
  mount(StartFailed, { target, props: { detail: String(failure) } });
  throw failure;
} finally {
  // On a slow line what keeps the app on the phone comes after what somebody looks at next, and whatever became of that:
  // the way out of a broken version is a newer one.
  await working.catch(() => undefined);
  void loadIntl();
  await update.start();
}

/**
 * The first use of `Intl` in a page loads its data: 200 ms on a slow phone, whatever the language or zone, and the first
 * screen behind the passphrase would stand still for it. Begun while somebody types, in two tasks so that no key waits long.
 */
async function loadIntl(): Promise<void> {
  new Intl.NumberFormat("en");
  await new Promise((resolve) => setTimeout(resolve));
  new Intl.DateTimeFormat("en", { timeZone: "UTC" });
}
