import { largestPlain } from "./sealing";

/** The largest attachment as people say it, rounded down: "20 MB". */
export function limitText(language: string): string {
  return `${Math.floor(largestPlain / 1_000_000)} ${language === "en" ? "MB" : "МБ"}`;
}
