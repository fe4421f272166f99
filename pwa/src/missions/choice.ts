import { textIn } from "../i18n/texts";
import type { Places } from "./places";
import { fold, foldQuery } from "./translit";

/** One line of a picker. */
export interface PlaceChoice {
  code: string;
  name: string;
  /** What tells it from others of the same name. */
  detail: string;
}

/**
 * Districts or regions whose name matches what was typed, in any of three scripts; those of the team's regions first.
 * Every word typed must begin a word of the name.
 */
export function areaChoices(
  kind: "district" | "region",
  places: Places,
  query: string,
  own: readonly string[],
  language: string,
): PlaceChoice[] {
  const words = foldQuery(query);
  const regions = new Map(places.regions.map((region) => [region.code, textIn(region.name, language)]));
  const list = kind === "region" ? places.regions.map((place) => ({ ...place, region: place.code })) : places.districts;
  const found = list.filter(({ code, name }) => {
    const held = ` ${fold([code, ...Object.values(name)].join(" "))}`;
    return words.every((word) => held.includes(` ${word}`));
  });
  const rank = ({ region }: { region: string }) => (own.includes(region) ? 0 : 1);
  return found
    .map((place) => ({ place, text: textIn(place.name, language) }))
    .sort((a, b) => rank(a.place) - rank(b.place) || a.text.localeCompare(b.text, language))
    .map(({ place, text }) => ({
      code: place.code,
      name: text,
      detail: kind === "district" ? (regions.get(place.region) ?? "") : "",
    }));
}
