import type { About, BodyRequest, Quantity } from "./types";

// What a screen shows is in its address: a link opens the same again.

export type Screen = "body" | "look" | "treat" | "study";
export type View = "whole" | "upper" | "head" | "neck";

const SCREENS: Screen[] = ["body", "look", "treat", "study"];
const QUANTITIES: Quantity[] = ["pressure", "flow", "velocity", "open"];
const VIEWS: View[] = ["whole", "upper", "head", "neck"];

/** The person and what is done to him: what undo and redo step through. */
export interface Case {
  sex: "female" | "male" | null;
  height: number | null; // [cm]
  age: number | null;
  variants: string[];
  lesions: string[];
  balloon: string | null;
  stent: string | null;
  atm: number;
  sham: boolean;
  exact: boolean;
  seed: number;
  anticoagulation: boolean;
  instruments: string[];
}

interface Ui {
  screen: Screen;
  posture: number;
  vessel: string | null;
  quantity: Quantity;
  view: View;
  solid: boolean; // in three dimensions
  month: number;
}

const usual: Case = {
  sex: null, height: null, age: null, variants: [], lesions: [], balloon: null, stent: null, atm: 8, sham: false,
  exact: true, seed: 0, anticoagulation: true, instruments: ["ultrasound"],
};

export const subject: Case = $state(structuredClone(usual));
export const ui: Ui = $state({
  screen: "body", posture: 0, vessel: null, quantity: "pressure", view: "upper", solid: false, month: 0,
});
export const program: { about: About | null } = $state({ about: null });

const past: string[] = $state([]);
const future: string[] = $state([]);

const frozen = () => JSON.stringify($state.snapshot(subject));

/** Changes the case as one step that can be undone. */
export function change(step: (subject: Case) => void): void {
  const before = frozen();
  step(subject);
  if (frozen() === before) return;
  past.push(before);
  future.length = 0;
}

/** Keeps what was there before a drag as the one step that the drag will be. */
export function begun(): () => void {
  const before = frozen();
  return () => {
    if (frozen() === before) return;
    past.push(before);
    future.length = 0;
  };
}

function stepped(from: string[], to: string[]): void {
  const kept = from.pop();
  if (kept === undefined) return;
  to.push(frozen());
  Object.assign(subject, JSON.parse(kept));
}

export const undo = () => stepped(past, future);
export const redo = () => stepped(future, past);
export const history = {
  get canUndo() { return past.length > 0; },
  get canRedo() { return future.length > 0; },
};

export function bodyRequest(posture = 0): BodyRequest {
  return {
    sex: subject.sex, height_cm: subject.height, age: subject.age, variants: [...subject.variants],
    lesions: [...subject.lesions], posture,
  };
}

// -----------------------------------------------------------------------------------------------------------------
// the address

function number(text: string | null, low: number, high: number, otherwise: number): number;
function number(text: string | null, low: number, high: number, otherwise: null): number | null;
function number(text: string | null, low: number, high: number, otherwise: number | null): number | null {
  const value = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(value) ? Math.min(Math.max(value, low), high) : otherwise;
}

const oneOf = <T extends string>(text: string | null, known: T[], otherwise: T) =>
  known.includes(text as T) ? (text as T) : otherwise;

export function readAddress(): void {
  const at = new URLSearchParams(location.search);
  ui.screen = oneOf(location.pathname.slice(1), SCREENS, "body");
  ui.posture = number(at.get("posture"), 0, 90, 0);
  ui.vessel = at.get("vessel");
  ui.quantity = oneOf(at.get("show"), QUANTITIES, "pressure");
  ui.view = oneOf(at.get("view"), VIEWS, "upper");
  ui.solid = at.get("solid") === "yes";
  ui.month = number(at.get("month"), 0, 36, 0);
  const sex = at.get("sex");
  Object.assign(subject, {
    sex: sex === "female" || sex === "male" ? sex : null,
    height: number(at.get("height"), 50, 250, null),
    age: number(at.get("age"), 0, 120, null),
    variants: at.getAll("variant").slice(0, 8),
    lesions: at.getAll("lesion").slice(0, 12),
    balloon: at.get("balloon"),
    stent: at.get("stent"),
    atm: number(at.get("atm"), 1, 30, 8),
    sham: at.get("sham") === "yes",
    exact: at.get("errors") !== "yes",
    seed: Math.round(number(at.get("seed"), 0, 2 ** 31 - 1, 0)),
    anticoagulation: at.get("anticoagulation") !== "no",
    instruments: at.has("with") ? (at.get("with") ?? "").split(",").slice(0, 5) : ["ultrasound"],
  });
}

export function address(): string {
  const at = new URLSearchParams();
  const say = (name: string, value: string | number | null, otherwise: string | number | null) => {
    if (value !== otherwise && value !== null) at.set(name, String(value));
  };
  say("posture", ui.posture, 0);
  say("vessel", ui.vessel, null);
  say("show", ui.quantity, "pressure");
  say("view", ui.view, "upper");
  say("solid", ui.solid ? "yes" : null, null);
  say("month", ui.month, 0);
  say("sex", subject.sex, null);
  say("height", subject.height, null);
  say("age", subject.age, null);
  for (const variant of subject.variants) at.append("variant", variant);
  for (const lesion of subject.lesions) at.append("lesion", lesion);
  say("balloon", subject.balloon, null);
  say("stent", subject.stent, null);
  say("atm", subject.atm, 8);
  say("sham", subject.sham ? "yes" : null, null);
  say("errors", subject.exact ? null : "yes", null);
  say("seed", subject.seed, 0);
  say("anticoagulation", subject.anticoagulation ? null : "no", null);
  say("with", subject.instruments.join(","), "ultrasound");
  const query = at.toString();
  return `/${ui.screen}${query ? `?${query}` : ""}`;
}

export function go(screen: Screen): void {
  ui.screen = screen;
  window.history.pushState(null, "", address());
}
