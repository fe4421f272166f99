import type { Position } from "./stations";

/** Where the phone is, asked for by a tap and kept nowhere. */
export class Nearby {
  position = $state.raw<Position>();
  isLooking = $state(false);
  hasFailed = $state(false);
  /** The person, or the phone's settings, said no: trying again helps nobody before that is changed. */
  isRefused = $state(false);

  /** Asks the phone; the observer may refuse, and nothing but the order of a list depends on it. */
  look(geolocation: Geolocation): void {
    this.isLooking = true;
    this.hasFailed = this.isRefused = false;
    geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => {
        this.position = { lat: latitude, lon: longitude };
        this.isLooking = false;
      },
      ({ code, PERMISSION_DENIED }) => {
        this.isRefused = code === PERMISSION_DENIED;
        this.hasFailed = true;
        this.isLooking = false;
      },
      // Which of the stations around it is nearest needs no better than the last minutes' position.
      { enableHighAccuracy: true, timeout: 30_000, maximumAge: 120_000 },
    );
  }
}
