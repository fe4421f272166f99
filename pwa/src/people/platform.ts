/** How an app is installed on this phone, because each system hides it elsewhere. */

export type Platform = "ios" | "android" | "other";

/** Marks of apps that show links in a browser of their own, whose storage goes with theirs. */
const guests = /FBAN|FBAV|FB_IAB|Instagram|Telegram|WhatsApp|\bLine\/|; wv\)/;

/**
 * Whether a page runs inside another app, such as a messenger. `standalone`: it was opened from the home screen, where an
 * iPhone calls itself what it calls a view inside an app: no `Safari` in the name.
 */
export function isInsideApp(userAgent: string, standalone: boolean): boolean {
  if (guests.test(userAgent)) return true;
  return (
    !standalone && /iPhone|iPad|iPod/.test(userAgent) && /AppleWebKit/.test(userAgent) && !/Safari\//.test(userAgent)
  );
}

/** `touchPoints` tells an iPad, which calls itself a Mac, from a Mac. */
export function platformOf(userAgent: string, touchPoints: number): Platform {
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1)) return "ios";
  return /Android/.test(userAgent) ? "android" : "other";
}
