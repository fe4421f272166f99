import { hrefOf, parseRoute, type Route } from "./route.ts";
import { sheetHistory } from "./sheetHistory.ts";

/** Follows the address bar; the browser's and the phone's Back work by themselves. */
export class Router {
  route = $state<Route>(parseRoute(""));

  /** Starts following; returns the way to stop. */
  start(): () => void {
    const follow = () => {
      this.route = parseRoute(location.hash);
    };
    follow();
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }

  go(route: Route): void {
    sheetHistory.leave(() => {
      location.hash = hrefOf(route);
    });
  }

  /** Goes there without leaving a way back: for what is finished and cannot be returned to. */
  replace(route: Route): void {
    sheetHistory.leave(() => {
      history.replaceState(null, "", hrefOf(route));
      this.route = route;
    });
  }
}
