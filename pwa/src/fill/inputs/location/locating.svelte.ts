/** Measuring where the observer is: asked for knowingly, shown as it gets better, ended by hand. */

/** What is to be reached, in metres: at `enough` the search ends by itself, above `rough` the observer is told. */
export interface Exactness {
  enough: number;
  rough: number;
}

/** What a form's author asks of a position, or what serves in a town. */
export function exactnessOf(parameters: Readonly<Record<string, string | number>> | undefined): Exactness {
  const given = (name: string, otherwise: number) => {
    const metres = Number(parameters?.[name]);
    return metres > 0 ? metres : otherwise;
  };
  return { enough: given("capture-accuracy", 10), rough: given("warning-accuracy", 100) };
}

/** Better readings come within seconds of the first, or not at all; milliseconds. */
const patience = 20_000;

/** Asking the phone where it is: only at a tap, and only until it knows well enough. */
export class Locating {
  isLooking = $state(false);
  failed = $state(false);
  /** It failed because the person, or the phone's settings, said no. */
  isRefused = $state(false);
  /** How exact the best reading so far is. */
  metres = $state<number>();
  #best: GeolocationCoordinates | undefined;
  #take: ((point: string) => void) | undefined;
  #watch: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `take` gets `"lat lon alt acc"` once; metres, WGS 84. */
  look(take: (point: string) => void, enough: number): void {
    this.stop();
    this.isLooking = true;
    this.failed = this.isRefused = false;
    this.#take = take;
    this.#watch = navigator.geolocation.watchPosition(
      ({ coords }) => this.#read(coords, enough),
      ({ code, PERMISSION_DENIED }) => {
        if (!this.#best) this.failed = true;
        this.isRefused = this.failed && code === PERMISSION_DENIED;
        this.end();
      },
      { enableHighAccuracy: true, timeout: 30_000, maximumAge: 0 },
    );
  }

  #read(coords: GeolocationCoordinates, enough: number): void {
    if (this.#best && coords.accuracy >= this.#best.accuracy) return;
    this.#best = coords;
    this.metres = Math.round(coords.accuracy);
    this.#timer ??= setTimeout(() => this.end(), patience);
    if (coords.accuracy <= enough) this.end();
  }

  /** Takes the best reading there is, and looks no further. */
  end(): void {
    const [best, take] = [this.#best, this.#take];
    this.stop();
    if (!best) return;
    const place = [best.latitude, best.longitude].map((degrees) => degrees.toFixed(6));
    take?.([...place, (best.altitude ?? 0).toFixed(1), best.accuracy.toFixed(1)].join(" "));
  }

  /** Looks no further, and takes nothing: the question is gone. */
  stop(): void {
    if (this.#watch !== undefined) navigator.geolocation.clearWatch(this.#watch);
    clearTimeout(this.#timer);
    this.#watch = this.#timer = this.#best = this.#take = undefined;
    this.isLooking = false;
    this.metres = undefined;
  }
}
