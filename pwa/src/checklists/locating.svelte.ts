/** Asking the phone where it is: only at a tap, and once. */
export class Locating {
  isLooking = $state(false);
  failed = $state(false);

  /** `take` gets `"lat lon alt acc"`; metres, WGS 84. */
  look(take: (point: string) => void): void {
    this.isLooking = true;
    this.failed = false;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.isLooking = false;
        const place = [coords.latitude, coords.longitude].map((degrees) => degrees.toFixed(6));
        take([...place, (coords.altitude ?? 0).toFixed(1), coords.accuracy.toFixed(1)].join(" "));
      },
      () => {
        this.isLooking = false;
        this.failed = true;
      },
      { enableHighAccuracy: true, timeout: 30_000, maximumAge: 0 },
    );
  }
}
