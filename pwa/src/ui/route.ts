/** Addresses of the field app's screens: only words of the app and opaque ids, never content. */

export type Route =
  | { screen: "today" | "new" | "outbox" | "me" }
  /** One section of a draft, by its number from 0; `flag` in the address is a question to bring into view. */
  | { screen: "fill"; submission: string; section: number; question?: string }
  | { screen: "review"; submission: string }
  | { screen: "sent"; revision: string };

/** An id in an address: a UUID, nothing that says what it names. */
export const opaque = /^[0-9a-f-]{36}$/;

/** What an address asks for; anything unknown is Today. */
export function parseRoute(hash: string): Route {
  const [screen, id, part, question] = hash.replace(/^#\/?/, "").split("/");
  switch (screen) {
    case "new":
    case "outbox":
    case "me":
      return { screen };
    case "fill":
      if (!id || !opaque.test(id)) break;
      return {
        screen,
        submission: id,
        section: /^\d{1,3}$/.test(part ?? "") ? Number(part) : 0,
        ...(question ? { question: decodeURIComponent(question) } : {}),
      };
    case "review":
      if (id && opaque.test(id)) return { screen, submission: id };
      break;
    case "sent":
      if (id && opaque.test(id)) return { screen, revision: id };
  }
  return { screen: "today" };
}

/** The address of a screen, ready for `href`. */
export function hrefOf(route: Route): string {
  switch (route.screen) {
    case "fill":
      return `#/fill/${route.submission}/${route.section}${route.question ? `/${encodeURIComponent(route.question)}` : ""}`;
    case "review":
      return `#/review/${route.submission}`;
    case "sent":
      return `#/sent/${route.revision}`;
    default:
      return `#/${route.screen}`;
  }
}

/** The one-time code of an enrolment link (`#enrol=CODE`), if this is one. */
export function enrolmentCode(hash: string): string | undefined {
  const match = /^#\/?enrol=([^&]+)$/.exec(hash);
  return match?.[1] ? decodeURIComponent(match[1]) : undefined;
}
