// A narrowing as the strip shows it, and as the text that the server reads: "ijv_r: 80 % area at 0.5, 20 mm".

export const KINDS = ["stenosis", "web", "valve", "thrombus", "compression", "hypoplasia"] as const;
export type LesionKind = (typeof KINDS)[number];

export interface Lesion {
  vessel: string;
  kind: LesionKind;
  size: number; // per cent of area; mmHg of a compression
  at: number;
  length: number; // [mm]
}

const TEXT = /^\s*([\w.]+)\s*:\s*([a-z]+)?\s*([\d.]+)\s*(% area|% diameter|mmHg)\s*(?:at\s*([\d.]+)\s*,\s*([\d.]+)\s*mm)?\s*$/;

/** The lesion of a text; null for one that is written otherwise, which the server may still understand. */
export function read(text: string): Lesion | null {
  const parts = TEXT.exec(text);
  if (!parts) return null;
  const [, vessel, word, number, unit, at, length] = parts;
  const kind = (word ?? (unit === "mmHg" ? "compression" : "stenosis")) as LesionKind;
  if (!KINDS.includes(kind)) return null;
  const size = unit === "% diameter" ? 100 * (1 - (1 - Number(number) / 100) ** 2) : Number(number);
  return { vessel, kind, size, at: Number(at ?? 0.5), length: Number(length ?? 20) };
}

const tidy = (value: number, digits: number) => String(Number(value.toFixed(digits)));

export function write(lesion: Lesion): string {
  const word = lesion.kind === "stenosis" ? "" : `${lesion.kind} `;
  if (lesion.kind === "hypoplasia") return `${lesion.vessel}: ${word}${tidy(lesion.size, 1)} % area`;
  const unit = lesion.kind === "compression" ? "mmHg" : "% area";
  return `${lesion.vessel}: ${word}${tidy(lesion.size, 1)} ${unit} at ${tidy(lesion.at, 3)}, ${tidy(lesion.length, 1)} mm`;
}

const short = (kind: LesionKind) => kind === "web" || kind === "valve";

/** The lesion at a place of a vessel of this length [mm], within its ends. */
export function placed(lesion: Lesion, at: number, whole: number): Lesion {
  const length = Math.min(lesion.length, Math.max(1, Math.floor(0.9 * whole)));
  const margin = length / whole / 2 + 0.005;
  return { ...lesion, length, at: Math.round(Math.min(Math.max(at, margin), 1 - margin) * 1000) / 1000 };
}

/** Whether two lesions of a vessel of this length [mm] share a part of it. */
export const overlap = (a: Lesion, b: Lesion, whole: number) =>
  a.vessel === b.vessel && a.kind !== "hypoplasia" && b.kind !== "hypoplasia" && Math.abs(a.at - b.at) * whole < (a.length + b.length) / 2;

/** A new lesion of a kind, of a size that such have. */
export function fitting(vessel: string, kind: LesionKind, at: number, whole: number): Lesion {
  const length = short(kind) ? 2 : Math.min(20, Math.max(2, Math.round(whole / 4)));
  return placed({ vessel, kind, size: kind === "compression" ? 20 : short(kind) ? 90 : 80, at, length }, at, whole);
}
