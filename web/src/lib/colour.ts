import type { Kind, Quantity } from "./types";

// Okabe and Ito's vermillion and blue, drawn out into ramps whose lightness falls (or in the dark rises) all along.
const RAMPS = {
  light: { artery: ["#f3c39a", "#e07b2c", "#b64300", "#5c1400"], vein: ["#a9dfd2", "#4fb0df", "#0f6db5", "#29266f"] },
  dark: { artery: ["#6b2c0c", "#c05414", "#ee9350", "#ffe0c4"], vein: ["#2a4a78", "#2f8bd0", "#73c5ee", "#dcf6ec"] },
} as const;

export interface Scale {
  unit: string;
  label: string;
  title: string; // of the legend
  what: string;
  artery: [number, number];
  vein: [number, number];
  log: boolean;
  ticks: { artery: number[]; vein: number[] };
}

// Fixed, so that one colour is one number whatever is shown; what lies beyond an end has the colour of the end.
export const SCALES: Record<Quantity, Scale> = {
  pressure: {
    unit: "mmHg", label: "Pressure", title: "Pressure", what: "of the blood, relative to the atmosphere", log: false,
    artery: [50, 130], vein: [-10, 20], ticks: { artery: [50, 90, 130], vein: [-10, 0, 10, 20] },
  },
  flow: {
    unit: "mL/min", label: "Flow", title: "Flow", what: "of blood, its size; dots show its direction", log: true,
    artery: [1, 6000], vein: [1, 6000], ticks: { artery: [1, 10, 100, 1000], vein: [1, 10, 100, 1000] },
  },
  velocity: {
    unit: "cm/s", label: "Velocity", title: "Velocity", what: "averaged over the cross-section, its size", log: false,
    artery: [0, 60], vein: [0, 40], ticks: { artery: [0, 30, 60], vein: [0, 20, 40] },
  },
  open: {
    unit: "%", label: "Collapse", title: "Lumen, of its round area", what: "lumen, as a share of the area that the vessel has when it is just round", log: false,
    artery: [0, 120], vein: [0, 120], ticks: { artery: [], vein: [0, 30, 60, 90, 120] },
  },
};

export type Theme = keyof typeof RAMPS;

const channels = (hex: string) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

function ramp(stops: readonly string[]): string[] {
  const known = stops.map(channels);
  return Array.from({ length: 64 }, (_, i) => {
    const place = (i / 63) * (known.length - 1);
    const k = Math.min(Math.floor(place), known.length - 2);
    const mixed = known[k].map((from, c) => Math.round(from + (place - k) * (known[k + 1][c] - from)));
    return `rgb(${mixed.join(",")})`;
  });
}

const built = Object.fromEntries(
  Object.entries(RAMPS).map(([theme, of]) => [theme, { artery: ramp(of.artery), vein: ramp(of.vein) }]),
) as Record<Theme, Record<"artery" | "vein", string[]>>;

export function rampOf(theme: Theme, kind: Kind): string[] {
  return built[theme][kind === "artery" ? "artery" : "vein"];
}

/** Where a value lies on its scale, 0 to 1. */
export function share(quantity: Quantity, kind: Kind, value: number): number {
  const scale = SCALES[quantity];
  const [low, high] = scale[kind === "artery" ? "artery" : "vein"];
  const size = quantity === "pressure" ? value : Math.abs(value);
  const at = scale.log
    ? (Math.log(Math.max(size, 1e-9)) - Math.log(low)) / (Math.log(high) - Math.log(low))
    : (size - low) / (high - low);
  return Math.min(Math.max(at || 0, 0), 1); // what is not known has the colour of the low end
}

/** The numbers of a ramp's colours, 0 to 1, for a picture in three dimensions. */
export function numbersOf(theme: Theme, kind: Kind): [number, number, number][] {
  return rampOf(theme, kind).map((text) => (text.match(/\d+/g) ?? []).map((n) => Number(n) / 255) as [number, number, number]);
}

export function colour(theme: Theme, quantity: Quantity, kind: Kind, value: number): string {
  return rampOf(theme, kind)[Math.round(63 * share(quantity, kind, value))];
}
