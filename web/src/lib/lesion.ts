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
