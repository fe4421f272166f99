import { m } from "../../i18n/paraglide/messages";

/** `"lat lon alt acc"` as people read it; coordinates that were typed say nothing of their accuracy. */
export function pointText(answer: string): string {
  const [latitude = "", longitude = "", , accuracy = "0"] = answer.split(" ");
  const metres = Math.round(Number(accuracy));
  if (Number(accuracy) === 0) return `${latitude}, ${longitude}`;
  return m.geo_accuracy({ latitude, longitude, metres: Number.isFinite(metres) ? String(metres) : "?" });
}
