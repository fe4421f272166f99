/** An object URL for as long as a component shows it: asked for anew when what is shown changes, given back when it goes. */
export interface ObjectUrl {
  readonly url: string | undefined;
  /** It was looked for and is not on this phone. */
  readonly isGone: boolean;
}

/** Call while a component is set up. `ask` reads what to show; undefined stands for a file that is not there. */
export function objectUrl(ask: () => Promise<string | undefined> | "" | undefined): ObjectUrl {
  let url = $state<string>();
  let isGone = $state(false);
  $effect(() => {
    const asked = ask() || undefined;
    let made: string | undefined;
    let hasLeft = false;
    void asked?.then((found) => {
      made = found;
      if (!hasLeft) {
        url = found;
        isGone = found === undefined;
      } else if (found) URL.revokeObjectURL(found);
    });
    return () => {
      hasLeft = true;
      url = undefined;
      isGone = false;
      if (made) URL.revokeObjectURL(made);
    };
  });
  return {
    get url() {
      return url;
    },
    get isGone() {
      return isGone;
    },
  };
}
