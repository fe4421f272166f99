/** Between two questions to a server that does not answer. Milliseconds. */
const pause = 5000;

/** Asks again by itself while there is no contact; gives the way to stop. Other failures wait for a person. */
export function retrying(problem: string | undefined, again: () => void): (() => void) | undefined {
  if (problem !== "no-contact" && problem !== "try-later") return undefined;
  const timer = setInterval(again, pause);
  return () => clearInterval(timer);
}
