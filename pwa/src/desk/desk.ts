import type { Live } from "./live.svelte";
import type { Pages } from "./pages.svelte";
import type { DeskSession, Who } from "./session.svelte";

/** What every page of the desk gets to work with. */
export interface Desk {
  session: DeskSession;
  live: Live;
  pages: Pages;
  who: Who;
}
