import { plan, readPlan, sayPlan, type Plan } from "./study.svelte";
import type { About, Blind, BodyRequest, Quantity } from "./types";

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
  exact: boolean; // treated with instruments that do not err
  ideal: boolean; // looked at with such
  seed: number;
  anticoagulation: boolean;
  instruments: string[];
  sites: string[]; // where to look, such as "ijv_r at 0.5"; none: the usual places
  blind: Blind | null; // drawn, in place of all of the above that says who he is
  vessels: string[]; // in which the catheter goes of one who is treated blind
  ivus: boolean;
}

interface Ui {
  screen: Screen;
  posture: number;
  vessel: string | null;
  quantity: Quantity;
  view: View;
  solid: boolean; // in three dimensions
  month: number;
  stage: string; // of a treatment, beside the one before; empty: the last
  tab: string; // instrument whose recording is shown
  revealed: boolean;
  looked: boolean; // there is an answer, which a link opens again
  treated: boolean;
}

const usual: Case = {
  sex: null, height: null, age: null, variants: [], lesions: [], balloon: null, stent: null, atm: 8, sham: false,
  exact: true, ideal: false, seed: 0, anticoagulation: true, instruments: ["ultrasound"],
  sites: [], blind: null, vessels: [], ivus: false,
};

export const subject: Case = $state(structuredClone(usual));
export const ui: Ui = $state({
  screen: "body", posture: 0, vessel: null, quantity: "pressure", view: "upper", solid: false, month: 0, stage: "", tab: "",
  revealed: false, looked: false, treated: false,
});
export const program: { about: About | null } = $state({ about: null });

const past: string[] = $state([]);
const future: string[] = $state([]);

const frozen = () => JSON.stringify([$state.snapshot(subject), $state.snapshot(plan), ui.posture]);

/** Changes the case, or the plan of a study, as one step that can be undone. */
export function change(step: (subject: Case, plan: Plan) => void): void {
  const before = frozen();
  step(subject, plan);
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
  const [person, study, posture] = JSON.parse(kept) as [Case, Plan, number];
  Object.assign(subject, person);
  Object.assign(plan, study);
  ui.posture = posture;
}

export const undo = () => stepped(past, future);
export const redo = () => stepped(future, past);
export const history = {
  get canUndo() { return past.length > 0; },
  get canRedo() { return future.length > 0; },
};

/** Whether the patient's lesions are to be found, and nothing of what flows in him is shown. */
export const isHidden = () => subject.blind !== null && !ui.revealed;
/** Whether the truth about a patient who was drawn is asked for; of another it is told anyway. */
export const isRevealed = () => subject.blind !== null && ui.revealed;

/** Who the person is, in words. */
export function person(): string {
  if (subject.blind) return `Blind: ${subject.blind.cohort}, patient ${subject.blind.number}`;
  const parts = [subject.sex ?? "", subject.age === null ? "" : `${subject.age} years`, subject.height === null ? "" : `${subject.height} cm`].filter(Boolean);
  const variants = subject.variants.length ? `, ${subject.variants.length} variant${subject.variants.length > 1 ? "s" : ""}` : "";
  return (parts.length ? parts.join(", ") : "Reference adult") + variants;
}

export function bodyRequest(posture = 0): BodyRequest {
  if (subject.blind) return { sex: null, height_cm: null, age: null, variants: [], lesions: [], posture, blind: { ...subject.blind } };
  return {
    sex: subject.sex, height_cm: subject.height, age: subject.age, variants: [...subject.variants],
    lesions: [...subject.lesions], posture, blind: null,
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

/** The screen that the address names: all that a step back or forward changes, so that no lesion is lost by it. */
export function readScreen(): void {
  ui.screen = oneOf(location.pathname.slice(1), SCREENS, "body");
}

export function readAddress(): void {
  const at = new URLSearchParams(location.search);
  readScreen();
  readPlan(at);
  ui.posture = number(at.get("posture"), 0, 90, 0);
  ui.vessel = at.get("vessel");
  ui.quantity = oneOf(at.get("show"), QUANTITIES, "pressure");
  ui.view = oneOf(at.get("view"), VIEWS, "upper");
  ui.solid = at.get("solid") === "yes";
  ui.month = number(at.get("month"), 0, 36, 0);
  ui.stage = at.get("stage") ?? "";
  ui.tab = at.get("tab") ?? "";
  ui.revealed = at.get("revealed") === "yes";
  ui.looked = at.get("looked") === "yes";
  ui.treated = at.get("treated") === "yes";
  const [cohort, patient] = (at.get("blind") ?? "").split(":");
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
    ideal: at.get("ideal") === "yes",
    seed: Math.round(number(at.get("seed"), 0, 2 ** 31 - 1, 0)),
    anticoagulation: at.get("anticoagulation") !== "no",
    instruments: at.has("with") ? (at.get("with") ?? "").split(",").slice(0, 5) : ["ultrasound"],
    sites: at.getAll("at").slice(0, 24),
    blind: cohort ? { cohort, number: Math.round(number(patient ?? null, 0, 2 ** 31 - 1, 0)) } : null,
    vessels: at.has("treat") ? (at.get("treat") ?? "").split(",").slice(0, 20) : [],
    ivus: at.get("ivus") === "yes",
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
  say("ideal", subject.ideal ? "yes" : null, null);
  say("seed", subject.seed, 0);
  say("anticoagulation", subject.anticoagulation ? null : "no", null);
  say("with", subject.instruments.join(","), "ultrasound");
  for (const site of subject.sites) at.append("at", site);
  say("blind", subject.blind && `${subject.blind.cohort}:${subject.blind.number}`, null);
  say("treat", subject.vessels.join(","), "");
  say("ivus", subject.ivus ? "yes" : null, null);
  say("stage", ui.stage, "");
  say("tab", ui.tab, "");
  for (const word of ["revealed", "looked", "treated"] as const) say(word, ui[word] ? "yes" : null, null);
  sayPlan(at);
  const query = at.toString();
  return `/${ui.screen}${query ? `?${query}` : ""}`;
}

export function go(screen: Screen): void {
  if (ui.screen === screen) return;
  ui.screen = screen;
  window.history.pushState(null, "", address());
}
