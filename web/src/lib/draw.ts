import { colour, rampOf, SCALES, share, type Theme } from "./colour";
import type { Shown } from "./solved";
import type { Atlas, Piece, Quantity, Vessel } from "./types";

// The map on a canvas: the person, then the vessels, thick ones first, each as wide as its lumen is.

export interface Window {
  x: number; // of the middle [cm]
  y: number;
  scale: number; // [px/cm]
}

export const VIEWS: Record<string, { x: [number, number]; y: [number, number] }> = {
  whole: { x: [-38, 38], y: [-129, 49] },
  upper: { x: [-24, 24], y: [-9, 48.5] },
  head: { x: [-11.5, 11.5], y: [22, 48.5] },
  neck: { x: [-11, 11], y: [7, 33] },
};

/** The value of a quantity in a vessel at a share of its length: of the moment, or its mean. */
export { valueAt };

export const INKS = {
  light: { skin: "#f3eee7", edge: "#dfd5c9", hollow: "#e9e1d7", heartR: "#7fb6dc", heartL: "#e2a07c", none: "#c3bdb5", dot: "rgba(255,255,255,.75)", ring: "#141414", mark: "#0b6fa8", lesion: "#9c4f86" },
  dark: { skin: "#1b232c", edge: "#2c3742", hollow: "#222c37", heartR: "#21516f", heartL: "#6b3a24", none: "#4a545e", dot: "rgba(10,16,22,.6)", ring: "#ffffff", mark: "#56b4e9", lesion: "#e39ccb" },
} as const;

/** The window that shows a view below the first `top` pixels. */
export function fitted(view: string, width: number, height: number, top = 0): Window {
  const { x, y } = VIEWS[view];
  const scale = Math.min(width / (x[1] - x[0]), (height - top) / (y[1] - y[0]));
  return { x: (x[0] + x[1]) / 2, y: (y[0] + y[1] + top / scale) / 2, scale };
}

export interface Line {
  vessel: Vessel;
  piece: Piece;
  xs: number[];
  ys: number[];
  along: number[]; // share of the way at each point
}

/** The pieces as lines, thick ones first so that thin ones lie on top. */
export function lines(atlas: Atlas): Line[] {
  const found = atlas.vessels.flatMap((vessel) =>
    vessel.pieces.map((piece) => {
      const xs = piece.points.filter((_, i) => i % 2 === 0);
      const ys = piece.points.filter((_, i) => i % 2 === 1);
      let way = 0;
      const along = xs.map((x, i) => (i ? (way += Math.hypot(x - xs[i - 1], ys[i] - ys[i - 1])) : 0));
      return { vessel, piece, xs, ys, along: along.map((d) => d / (way || 1)) };
    }),
  );
  return found.sort((a, b) => b.piece.radius[0] + b.piece.radius[1] - a.piece.radius[0] - a.piece.radius[1]);
}

export interface Scene {
  atlas: Atlas;
  lines: Line[];
  shown: Shown | null;
  quantity: Quantity;
  theme: Theme;
  phase: number | null; // of the beat; null for the mean
  flowed: number; // [s] for which the dots have moved
  selected: string | null;
  hovered: string | null;
  window: Window;
  width: number;
  height: number;
  rings?: boolean; // round the lesions
  marked?: string[]; // vessels that are chosen beside the selected one
  places?: number[]; // x0, y0, x1, y1, ... that are marked [cm]
}

/** Where on the map [cm] a share of a vessel's length lies; null of a vessel that is not there. */
export function spot(lines: Line[], vessel: string, share: number): [number, number] | null {
  const of = lines.filter((line) => line.vessel.name === vessel);
  const line = of.find(({ piece }) => share >= piece.from && share <= piece.to) ?? of[0];
  if (!line) return null;
  const { from, to } = line.piece;
  const along = (share - from) / (to - from || 1);
  const i = Math.max(1, line.along.findIndex((d) => d >= along));
  const t = (along - line.along[i - 1]) / (line.along[i] - line.along[i - 1] || 1);
  return [line.xs[i - 1] + t * (line.xs[i] - line.xs[i - 1]), line.ys[i - 1] + t * (line.ys[i] - line.ys[i - 1])];
}

const LEAST = 1.5; // width of a line [px]

export function draw(context: CanvasRenderingContext2D, scene: Scene): void {
  const { window: at, width, height } = scene;
  const x = (cm: number) => width / 2 + (cm - at.x) * at.scale;
  const y = (cm: number) => height / 2 - (cm - at.y) * at.scale;
  context.clearRect(0, 0, width, height);
  context.lineCap = "round";
  context.lineJoin = "round";
  drawPerson(context, scene, x, y);
  for (const line of scene.lines) drawRest(context, scene, line, x, y);
  for (const line of scene.lines) drawLine(context, scene, line, x, y);
  if (scene.rings) for (const line of scene.lines) if (line.piece.lesion) drawRing(context, scene, line, x, y);
}

type Map = (cm: number) => number;

function polygon(context: CanvasRenderingContext2D, flat: number[], x: Map, y: Map): void {
  context.beginPath();
  for (let i = 0; i < flat.length; i += 2) context.lineTo(x(flat[i]), y(flat[i + 1]));
  context.closePath();
}

function drawPerson(context: CanvasRenderingContext2D, scene: Scene, x: Map, y: Map): void {
  const ink = INKS[scene.theme];
  context.strokeStyle = ink.edge;
  context.lineWidth = 1.5;
  for (const outline of scene.atlas.person) { polygon(context, outline, x, y); context.stroke(); }
  context.fillStyle = ink.skin;
  for (const outline of scene.atlas.person) { polygon(context, outline, x, y); context.fill(); }
  context.fillStyle = ink.hollow;
  for (const hollow of scene.atlas.hollows) { polygon(context, hollow, x, y); context.fill(); }
  scene.atlas.hearts.forEach((half, i) => {
    context.fillStyle = i ? ink.heartL : ink.heartR;
    polygon(context, beating(half, fullness(scene, i)), x, y);
    context.globalAlpha = 0.55;
    context.fill();
    context.globalAlpha = 1;
  });
}

function fullness(scene: Scene, half: number): number {
  const course = scene.shown?.solved?.json.beat.heart?.[half];
  if (!course?.length || scene.phase === null) return 1;
  const place = scene.phase * course.length;
  const i = Math.floor(place) % course.length;
  return course[i] + (place - Math.floor(place)) * (course[(i + 1) % course.length] - course[i]);
}

/** A half of the heart, smaller about its base as it empties: lengths follow the cube root of the volume. */
function beating(half: number[], full: number): number[] {
  const size = 0.55 + 0.45 * Math.cbrt(full);
  return half.map((v, i) => (i % 2 ? 1.5 + size * (v - 1.5) : 0.8 + size * (v - 0.8)));
}

/** A faint line as wide as the vessel is when it is just round: what a collapsed vein leaves behind. */
function drawRest(context: CanvasRenderingContext2D, scene: Scene, line: Line, x: Map, y: Map): void {
  const width = (line.piece.radius[0] + line.piece.radius[1]) * scene.window.scale;
  if (line.vessel.kind !== "vein" || width < 3) return;
  context.beginPath();
  line.xs.forEach((px, i) => context.lineTo(x(px), y(line.ys[i])));
  context.strokeStyle = scene.theme === "light" ? "rgba(15,127,192,.14)" : "rgba(61,159,224,.16)";
  context.lineWidth = width;
  context.stroke();
}

function valueAt(scene: Scene, quantity: Quantity | "area", vessel: number, share: number): number {
  const shown = scene.shown!;
  const stations = shown.means.pressure[vessel].length;
  const station = share * (stations - 1);
  if (scene.phase !== null && shown.solved && quantity !== "open") return shown.solved.at(quantity, vessel, station, scene.phase);
  const row = shown.means[quantity][vessel];
  const s = Math.min(Math.floor(station), stations - 2);
  const value = (row[s] ?? NaN) + (station - s) * ((row[s + 1] ?? NaN) - (row[s] ?? NaN));
  return quantity === "open" ? 100 * value : value;
}

function drawLine(context: CanvasRenderingContext2D, scene: Scene, line: Line, x: Map, y: Map): void {
  const ink = INKS[scene.theme];
  const index = scene.shown?.index.get(line.piece.name);
  const scale = scene.window.scale;
  const name = line.vessel.name;
  const chosen = name === scene.selected || name === scene.hovered || scene.marked?.includes(name);
  const usual = (share: number) => 2 * (line.piece.radius[0] + share * (line.piece.radius[1] - line.piece.radius[0]));
  // a lumen of so many mm2 is so many cm wide if it is round
  const widthAt = (share: number) =>
    index === undefined ? usual(share) : 0.2 * Math.sqrt(Math.max(valueAt(scene, "area", index, share), 0) / Math.PI);
  const middle = Math.max(scale * widthAt(0.5), LEAST);
  context.beginPath();
  line.xs.forEach((px, i) => context.lineTo(x(px), y(line.ys[i])));
  context.lineCap = "butt"; // a rim round an end would cut through the vessel that goes on there
  if (chosen) {
    const isMarked = scene.marked?.includes(name);
    context.strokeStyle = isMarked ? ink.mark : ink.ring;
    context.lineWidth = middle + (isMarked ? 8 : 5);
    context.stroke();
  }
  context.strokeStyle = ink.skin;
  context.lineWidth = middle + (chosen ? 2.5 : 1.6);
  context.stroke();
  context.lineCap = "round";
  for (let i = 1; i < line.xs.length; i++) {
    const share = (line.along[i] + line.along[i - 1]) / 2;
    context.beginPath();
    context.moveTo(x(line.xs[i - 1]), y(line.ys[i - 1]));
    context.lineTo(x(line.xs[i]), y(line.ys[i]));
    context.strokeStyle =
      index === undefined || isMute(scene, line) ? ink.none : colour(scene.theme, scene.quantity, line.vessel.kind, valueAt(scene, scene.quantity, index, share));
    context.lineWidth = Math.max(scale * widthAt(share), LEAST);
    context.stroke();
  }
  if (index !== undefined) drawDots(context, scene, line, index, middle, x, y);
}

/** Arteries do not collapse: they stand back where veins are shown doing it. */
const isMute = (scene: Scene, line: Line) => scene.quantity === "open" && line.vessel.kind === "artery";

/** Light dots that move as the blood does on average: its direction, and how fast it goes beside its neighbours. */
function drawDots(context: CanvasRenderingContext2D, scene: Scene, line: Line, index: number, width: number, x: Map, y: Map): void {
  if (width < 3.2) return;
  const velocity = scene.shown!.means.velocity[index][Math.floor(scene.shown!.means.velocity[index].length / 2)] ?? 0;
  const gap = Math.max(4 * width, 16);
  context.beginPath();
  line.xs.forEach((px, i) => context.lineTo(x(px), y(line.ys[i])));
  context.setLineDash([0.01, gap]);
  context.lineDashOffset = -((scene.flowed * velocity * scene.window.scale) % gap);
  context.strokeStyle = INKS[scene.theme].dot;
  context.lineWidth = Math.min(width * 0.38, 4);
  context.stroke();
  context.setLineDash([]);
}

/** The middle of a piece's line. */
function amid(line: Line): [number, number] {
  const i = Math.floor(line.xs.length / 2);
  return [(line.xs[i] + line.xs[Math.max(i - 1, 0)]) / 2, (line.ys[i] + line.ys[Math.max(i - 1, 0)]) / 2];
}

function drawRing(context: CanvasRenderingContext2D, scene: Scene, line: Line, x: Map, y: Map): void {
  const [px, py] = amid(line);
  context.beginPath();
  context.arc(x(px), y(py), Math.max(9, 0.8 * scene.window.scale), 0, 2 * Math.PI);
  context.strokeStyle = INKS[scene.theme].lesion;
  context.lineWidth = 2;
  context.stroke();
}

/** The vessel nearest to a place on the canvas, and where along it; null where none is near. */
export function hit(scene: Scene, px: number, py: number, reach = 9): { line: Line; share: number } | null {
  const cx = scene.window.x + (px - scene.width / 2) / scene.window.scale;
  const cy = scene.window.y - (py - scene.height / 2) / scene.window.scale;
  let best: { line: Line; share: number } | null = null;
  let nearest = reach / scene.window.scale;
  for (const line of scene.lines) {
    const radius = Math.max(...line.piece.radius);
    for (let i = 1; i < line.xs.length; i++) {
      const [ax, ay, bx, by] = [line.xs[i - 1], line.ys[i - 1], line.xs[i], line.ys[i]];
      const length = (bx - ax) ** 2 + (by - ay) ** 2 || 1e-9;
      const t = Math.min(Math.max(((cx - ax) * (bx - ax) + (cy - ay) * (by - ay)) / length, 0), 1);
      const away = Math.hypot(cx - ax - t * (bx - ax), cy - ay - t * (by - ay)) - 0.6 * radius;
      if (away < nearest) {
        nearest = away;
        best = { line, share: line.along[i - 1] + t * (line.along[i] - line.along[i - 1]) };
      }
    }
  }
  return best;
}

/** The map as an SVG file, of the same vessels, widths and colours. */
export function svg(scene: Scene, title: string, legend: string[]): string {
  const view = scene.window;
  const left = view.x - scene.width / 2 / view.scale;
  const words = 12 / view.scale;
  const above = (scene.shown ? 11 : 5.5) * words; // the map, so that what is written covers nothing of it
  const [top, height] = [view.y + scene.height / 2 / view.scale + above, scene.height + above * view.scale];
  const box = `${left.toFixed(2)} ${(-top).toFixed(2)} ${(scene.width / view.scale).toFixed(2)} ${(height / view.scale).toFixed(2)}`;
  const ink = INKS[scene.theme];
  const points = (flat: number[]) => flat.map((v, i) => (i % 2 ? -v : v)).join(" ");
  const shapes = scene.atlas.person.map((flat) => `<polygon points="${points(flat)}" fill="${ink.skin}"/>`);
  shapes.push(...scene.atlas.hollows.map((flat) => `<polygon points="${points(flat)}" fill="${ink.hollow}"/>`));
  for (const line of scene.lines) {
    const index = scene.shown?.index.get(line.piece.name);
    for (let i = 1; i < line.xs.length; i++) {
      const along = (line.along[i] + line.along[i - 1]) / 2;
      const width = index === undefined ? 2 * line.piece.radius[0] : 0.2 * Math.sqrt(Math.max(valueAt(scene, "area", index, along), 0) / Math.PI);
      const stroke = index === undefined || isMute(scene, line) ? ink.none : colour(scene.theme, scene.quantity, line.vessel.kind, valueAt(scene, scene.quantity, index, along));
      shapes.push(`<line x1="${line.xs[i - 1]}" y1="${-line.ys[i - 1]}" x2="${line.xs[i]}" y2="${-line.ys[i]}" stroke="${stroke}" stroke-width="${Math.max(width, 1.2 / view.scale).toFixed(3)}"/>`);
    }
  }
  for (const line of scene.lines.filter((one) => one.piece.lesion)) {
    const [x, y] = amid(line);
    shapes.push(`<circle cx="${x.toFixed(2)}" cy="${(-y).toFixed(2)}" r="${Math.max(9 / view.scale, 0.8).toFixed(2)}" fill="none" stroke="${ink.lesion}" stroke-width="${(2 / view.scale).toFixed(3)}"/>`);
  }
  for (let i = 0; i < (scene.places?.length ?? 0); i += 2) {
    const [x, y, r] = [scene.places![i], -scene.places![i + 1], 9 / view.scale];
    shapes.push(`<path d="M${x - r} ${y} l${r} ${-r} l${r} ${r} l${-r} ${r} z" fill="none" stroke="${ink.mark}" stroke-width="${(2.5 / view.scale).toFixed(3)}"/>`);
  }
  const write = (text: string, x: number, y: number, size = 0.8, anchor = "start") =>
    `<text x="${x.toFixed(2)}" y="${y.toFixed(2)}" font-size="${(size * words).toFixed(3)}" text-anchor="${anchor}" fill="${ink.ring}">${escape(text)}</text>`;
  const bar = (kind: "artery" | "vein", row: number) => {
    const [x, y, long] = [left + words, -top + (5.6 + 2.6 * row) * words, 12 * words];
    const steps = rampOf(scene.theme, kind).map((fill, i) => `<rect x="${(x + (i * long) / 64).toFixed(3)}" y="${y.toFixed(2)}" width="${(long / 60).toFixed(3)}" height="${(0.6 * words).toFixed(3)}" fill="${fill}"/>`);
    const ticks = SCALES[scene.quantity].ticks[kind].map((tick) => write(String(tick).replace("-", "−"), x + long * share(scene.quantity, kind, tick), y + 1.5 * words, 0.7, "middle"));
    return steps.join("") + ticks.join("") + write(kind === "artery" ? "arteries" : "veins, sinuses", x + long + 0.8 * words, y + 0.6 * words, 0.75);
  };
  const kinds = !scene.shown ? [] : scene.quantity === "open" ? (["vein"] as const) : (["artery", "vein"] as const);
  const note = write(title, left + words, -top + 1.8 * words, 1) + legend.map((line, row) => write(line, left + words, -top + (3.2 + 1.2 * row) * words)).join("") + kinds.map(bar).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" width="${scene.width.toFixed(0)}" height="${height.toFixed(0)}" font-family="sans-serif"><title>${escape(title)}</title><g stroke-linecap="round">${shapes.join("")}</g>${note}</svg>\n`;
}

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
