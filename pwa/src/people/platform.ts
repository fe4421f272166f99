/** How an app is installed on this phone, because each system hides it elsewhere. */

export type Platform = "ios" | "android" | "other";

/** `touchPoints` tells an iPad, which calls itself a Mac, from a Mac. */
export function platformOf(userAgent: string, touchPoints: number): Platform {
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1)) return "ios";
  return /Android/.test(userAgent) ? "android" : "other";
}
