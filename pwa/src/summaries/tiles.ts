/** The tile-grid map: one square per region, at its place in the grid. */
import type { Region } from "../desk/api";

export const edge = 96;
export const gap = 6;

export interface Tile {
  region: Region;
  x: number;
  y: number;
  /** The code without its country: ZAP. */
  short: string;
  /** How many reports, as far as the reader is told: too few to be broken down are not none. */
  reports: string;
}

/** The number of a region's reports; a dash where the reader is told none because there are too few. */
export const reportsShown = (region: Region): string => (region.is_broken_down ? String(region.reports) : "–");

/** Whether a page's number of reports is told: none may be fewer than are broken down for those who read no reports. */
export const isTold = ({ reports, small_cell }: { reports: number; small_cell?: number | null }): boolean =>
  reports > 0 || typeof small_cell !== "number";

/** Where each region's tile stands, and how large the whole map is, in units of the drawing. */
export function layTiles(regions: readonly Region[]): { tiles: Tile[]; width: number; height: number } {
  const step = edge + gap;
  const columns = Math.max(0, ...regions.map(({ column }) => column + 1));
  const rows = Math.max(0, ...regions.map(({ row }) => row + 1));
  const tiles = regions.map((region) => ({
    region,
    x: region.column * step,
    y: region.row * step,
    short: region.code.split("-").at(-1) ?? region.code,
    reports: reportsShown(region),
  }));
  return { tiles, width: Math.max(0, columns * step - gap), height: Math.max(0, rows * step - gap) };
}

/** The tile an arrow key leads to: the nearest one that way, straight ahead before aside. */
export function neighbour(tiles: readonly Tile[], from: Tile, key: string): Tile | undefined {
  const ways: Record<string, [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const way = ways[key];
  if (!way) return undefined;
  const [dx, dy] = way;
  let best: Tile | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const tile of tiles) {
    const across = tile.region.column - from.region.column;
    const down = tile.region.row - from.region.row;
    const ahead = across * dx + down * dy;
    if (ahead <= 0) continue;
    const aside = Math.abs(across * dy) + Math.abs(down * dx);
    const cost = ahead + aside * 2;
    if (cost < least) {
      least = cost;
      best = tile;
    }
  }
  return best;
}
