/** The mission's polling stations by their numbers: enough to name one, without the search over them. */

/** The stations as the wire carries them: one header, one array per station. Languages follow from `name_<language>`. */
export interface StationList {
  columns: string[];
  rows: (string | number | null)[][];
}

export interface Station {
  number: string;
  /** Empty for a station abroad. */
  region: string;
  district: string;
  /** Name by language. */
  name: Record<string, string>;
  locality: string;
  lon?: number;
  lat?: number;
}

/** Degrees, WGS 84. */
export interface Position {
  lat: number;
  lon: number;
}

/** The list turned sideways: one array per column, a tenth of the memory of 10,000 objects. */
export class StationColumns {
  readonly size: number;
  readonly numbers: string[];
  readonly regions: string[];
  readonly districts: string[];
  readonly #localities: string[];
  readonly #names: [language: string, texts: string[]][];
  readonly #lon: (number | undefined)[];
  readonly #lat: (number | undefined)[];
  #byNumber: Map<string, number> | undefined;

  constructor({ columns, rows }: StationList) {
    const texts = (column: string): string[] => {
      const at = columns.indexOf(column);
      return rows.map((row) => String(row[at] ?? ""));
    };
    const numbers = (column: string): (number | undefined)[] => {
      const at = columns.indexOf(column);
      return rows.map((row) => {
        const value = row[at];
        return typeof value === "number" ? value : undefined;
      });
    };
    this.size = rows.length;
    this.numbers = texts("number");
    this.regions = texts("region");
    this.districts = texts("district");
    this.#localities = texts("locality");
    this.#names = columns
      .filter((column) => column.startsWith("name_"))
      .map((column) => [column.slice("name_".length), texts(column)]);
    this.#lon = numbers("lon");
    this.#lat = numbers("lat");
  }

  /** What a station can be found by. */
  texts(i: number): string[] {
    return [...this.#names.map(([, texts]) => texts[i] ?? ""), this.#localities[i] ?? ""];
  }

  at(i: number): Station {
    const position = this.position(i);
    return {
      number: this.numbers[i] ?? "",
      region: this.regions[i] ?? "",
      district: this.districts[i] ?? "",
      name: Object.fromEntries(this.#names.map(([language, texts]) => [language, texts[i] ?? ""])),
      locality: this.#localities[i] ?? "",
      ...position,
    };
  }

  /** Where a station is; stations abroad have no position. */
  position(i: number): Position | undefined {
    const lon = this.#lon[i];
    const lat = this.#lat[i];
    return lon === undefined || lat === undefined ? undefined : { lon, lat };
  }

  /** The station with exactly this number. */
  find(number: string): Station | undefined {
    this.#byNumber ??= new Map(this.numbers.map((known, i) => [known, i]));
    const i = this.#byNumber.get(number);
    return i === undefined ? undefined : this.at(i);
  }
}
