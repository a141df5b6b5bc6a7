import type { Means, PosturesAnswer, Quantity, SolvedJson, Vessel } from "./types";

/** A solution with its waves unpacked. */
export class Solved {
  readonly index: Map<string, number>;
  readonly times: number;
  private readonly waves: Record<string, { low: number[]; step: number[]; values: Uint16Array }> = {};

  constructor(readonly json: SolvedJson) {
    this.index = new Map(json.vessels.map((name, i) => [name, i]));
    this.times = json.beat.time.length;
    for (const [name, wave] of Object.entries(json.beat.waves)) {
      const bytes = Uint8Array.from(atob(wave.data), (letter) => letter.charCodeAt(0));
      const step = wave.low.map((low, i) => (wave.high[i] - low) / 65535);
      this.waves[name] = { low: wave.low, step, values: new Uint16Array(bytes.buffer) };
    }
  }

  /** The value at a station (its number may lie between two) and a share of the beat. */
  at(quantity: string, vessel: number, station: number, phase: number): number {
    const wave = this.waves[quantity];
    const stations = this.json.stations.length;
    const s = Math.min(Math.floor(station), stations - 2);
    const along = station - s;
    const place = phase * this.times;
    const t0 = Math.floor(place) % this.times;
    const t1 = (t0 + 1) % this.times;
    const later = place - Math.floor(place);
    const row = (vessel * stations + s) * this.times;
    const here = wave.values[row + t0] * (1 - later) + wave.values[row + t1] * later;
    const onward = wave.values[row + this.times + t0] * (1 - later) + wave.values[row + this.times + t1] * later;
    return wave.low[vessel] + wave.step[vessel] * (here + along * (onward - here));
  }

  /** A quantity over the beat at a station. */
  trace(quantity: string, vessel: number, station: number): number[] {
    const wave = this.waves[quantity];
    const row = (vessel * this.json.stations.length + station) * this.times;
    return Array.from(wave.values.subarray(row, row + this.times), (v) => wave.low[vessel] + wave.step[vessel] * v);
  }
}

/** Means by vessel, wherever they come from: the full solve, or a preview between two postures. */
export interface Shown {
  index: Map<string, number>;
  means: Means;
  isPreview: boolean;
  solved: Solved | null; // for what moves
}

const QUANTITIES = ["pressure", "flow", "velocity", "area", "open"] as const;

/** Means in any posture, linear between the two nearest that were solved. */
export class Preview {
  readonly index: Map<string, number>;

  constructor(readonly answer: PosturesAnswer) {
    this.index = new Map(answer.vessels.map((name, i) => [name, i]));
  }

  at(posture: number): Means {
    const rows = this.answer.rows;
    const above = rows.findIndex((row) => row.posture >= posture);
    if (above <= 0) return rows[above < 0 ? rows.length - 1 : 0].means;
    const low = rows[above - 1];
    const high = rows[above];
    const share = (posture - low.posture) / (high.posture - low.posture);
    const between = (quantity: (typeof QUANTITIES)[number]) =>
      low.means[quantity].map((row, i) => row.map((a, j) => blend(a, high.means[quantity][i][j], share)));
    const means = Object.fromEntries(QUANTITIES.map((name) => [name, between(name)]));
    return { ...means, skull: blend(low.means.skull, high.means.skull, share) } as Means;
  }
}

const blend = (a: number | null, b: number | null, share: number) => (a === null || b === null ? a : a + share * (b - a));

/** The mean in the middle of a vessel. */
export function middle(means: Means, quantity: Quantity | "area", vessel: number): number {
  const row = means[quantity][vessel];
  return row[Math.floor(row.length / 2)] ?? NaN;
}

/** What to call a piece of a vessel that has a lesion. */
export function pieceName(vessel: Vessel, piece: number): string {
  if (vessel.pieces[piece].lesion) return "lesion";
  return piece === 0 ? "above" : piece === vessel.pieces.length - 1 ? "below" : "between";
}

type Quantified = Quantity | "area" | "gradient";
const OF_MESH = { fine: ["0.2\u00a0%", "0.9\u00a0%"], coarse: ["0.5\u00a0%", "1.8\u00a0%"] } as const; // benchmarks/results/adan56.csv

/** How well a number of the model is known. */
export function uncertainty(quantity: Quantified, mesh: "fine" | "coarse" = "fine"): string {
  const [pressure, flow] = OF_MESH[mesh];
  const size = quantity === "pressure" ? pressure : quantity === "flow" ? flow
    : quantity === "gradient" ? `${pressure} of each of its two pressures` : `not measured; ${pressure} of a pressure, ${flow} of a flow`;
  return `of ${mesh === "coarse" ? "the coarse mesh" : "mesh"} and time step ${size} (median of the 77 arteries of ADAN56); of the model itself not known`;
}

const OF_PREVIEW: Record<Quantity | "area", string> = {
  pressure: "within 1 mmHg of the full solve in nine of ten vessels of the reference adult",
  flow: "within 1.2 % of the full solve in nine of ten vessels of the reference adult",
  velocity: "as its flow and its lumen", // benchmarks/results/preview.md
  area: "up to 13 mm² off in a jugular vein where it collapses", open: "up to 13 mm² off in a jugular vein where it collapses",
};

/** What is known of a number on the map or beside it. */
export function provenance(quantity: Quantity | "area", isPreview: boolean, how = "mean over the beat in the middle of the vessel"): { error: string; source: string } {
  if (isPreview) return { error: `preview: ${OF_PREVIEW[quantity]}`, source: "coarse solves of eleven postures, linear in between; the full solve follows" };
  return { error: uncertainty(quantity), source: solution(how) };
}

export const solution = (how: string) => `solution of the one-dimensional model: ${how}`;

/** How a number was taken off a solution: by its name, for which a pressure may be the highest of a beat. */
export const taken = (name: string, period = "beat") =>
  name.endsWith("systolic") ? `the highest of the ${period}` : name.endsWith("diastolic") ? `the lowest of the ${period}` : `mean over the ${period}`;
export const LEVEL = ", less the weight of the blood between"; // of a gradient

/** What is known of a number in the table of a treatment: by the title of its section, its row, and whether anything was done yet. */
export function ofTable(title: string, row: string, isBefore: boolean): { error: string; source: string } {
  if (title.startsWith("narrowing")) return {
    error: isBefore ? "none of what was put in; of what a pressure from outside leaves open that of the solution" : "what a device leaves open is assumed in part",
    source: "of the diameter that the vein has lying at 6.5 mmHg, as devices are sized",
  };
  const quantity = title.startsWith("gradient") ? "gradient" : title.includes("flow") ? "flow" : "pressure";
  return { error: uncertainty(quantity), source: solution(taken(row) + (quantity === "gradient" ? LEVEL : "")) };
}

export const shownOf = (solved: Solved | null): Shown | null => solved && { index: solved.index, means: solved.json.means, isPreview: false, solved };
