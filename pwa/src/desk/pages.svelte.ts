import { type Address, hrefOf, parseAddress } from "./address";

/** Follows the address bar; the browser's Back works by itself. */
export class Pages {
  address = $state.raw<Address>(parseAddress(""));

  /** Starts following; returns the way to stop. */
  start(): () => void {
    const follow = () => {
      this.address = parseAddress(location.hash);
    };
    follow();
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }

  go(address: Address): void {
    location.hash = hrefOf(address);
  }

  /** For a filter being typed: no way back to each letter. */
  replace(address: Address): void {
    history.replaceState(null, "", hrefOf(address));
    this.address = address;
  }
}
