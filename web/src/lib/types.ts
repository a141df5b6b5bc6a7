// What the server sends; see src/azygos/web/{atlas,answer,operate,examine}.py.

import type { StudyRequest } from "./study";

export type Kind = "artery" | "vein" | "sinus";
export type Quantity = "pressure" | "flow" | "velocity" | "open";

export interface Piece {
  name: string;
  from: number;
  to: number;
  radius: [number, number]; // [cm]
  lesion: string | null;
  points: number[]; // x0, y0, x1, y1, ... [cm]
}

export interface Vessel {
  name: string;
  kind: Kind;
  english: string;
  latin: string;
  note: string;
  length: number; // [mm]
  depth: [number, number]; // of its ends [cm], for the eye only
  pieces: Piece[];
}

export interface Atlas {
  person: number[][];
  hollows: number[][];
  hearts: number[][];
  vessels: Vessel[];
}

export type Means = Record<Quantity | "area", (number | null)[][]> & { skull: number | null }; // [vessel][station]; [mmHg]

export interface Wave {
  low: number[];
  high: number[];
  data: string; // base64 of uint16, (vessel, station, time)
}

export interface SolvedJson {
  vessels: string[];
  stations: number[];
  units: Record<string, string>;
  posture: number;
  heart_rate: number;
  means: Means;
  beat: { time: number[]; period: number; waves: Record<string, Wave>; heart: number[][] };
  solve: {
    outcome: string;
    sentence: string;
    beats: number;
    residual: number | null;
    volume_error: number | null;
    largest_froude: number | null;
    froude_vessel: string;
    worst_vessel: string; // the least periodic
    wall_s: number;
  };
}

export interface SimulateAnswer {
  atlas: Atlas;
  solution: SolvedJson;
}

export interface PosturesAnswer {
  vessels: string[];
  stations: number[];
  rows: { posture: number; means: Means }[];
}

export interface Section {
  title: string;
  rows: { name: string; cells: string[] }[];
}

export interface PictureJson {
  title: string;
  caption: string;
}

export interface PullBack {
  place: number[];
  pressure: number[];
  area: number[];
}

export interface StageJson {
  name: string;
  atlas: Atlas;
  solution: SolvedJson;
  devices: Record<string, string>;
  pull_back: Record<string, PullBack>;
}

export interface FollowJson {
  month: number;
  narrowing: Record<string, number>;
  gradient: Record<string, number>;
  flow: Record<string, number>;
  pressure: Record<string, number>;
}

/** A balloon in a lesion: diameters [mm] at pressures [atm], and what stays after so many seconds. */
export interface InflationJson {
  vessel: string;
  kind: string;
  balloon: string;
  length: number;
  lesion_length: number;
  share: number;
  vein: number;
  before: number;
  pressure: number[];
  shoulders: number[];
  waist: number[];
  seconds: number[];
  held: number[]; // the waist after so many seconds at full pressure
  left: number[];
  facts: { what: string; value: string; unit: string; error: string; source: string }[];
}

export interface CourseJson {
  events: { month: number; what: string }[];
  death: number | null; // [months]
  remarks: string[];
  sources: Record<string, string>;
}

/** What is true of a treatment, whatever the operator saw. */
export interface TreatTruth {
  lesions: string[];
  stages: StageJson[];
  table: Section[];
  left_narrow: string[];
  inflations: InflationJson[];
  follow: FollowJson[];
  course: CourseJson;
}

export interface TreatAnswer {
  outcome: string;
  note: string;
  notes: { step: string; text: string }[];
  errors: string; // what the operator's readings rest on
  complications: string[];
  looks: { step: string; pictures: PictureJson[] }[];
  truth: TreatTruth | null; // null of one who is treated blind, until it is asked for
}

export interface RecordingJson {
  instrument: string;
  title: string;
  protocol: Record<string, unknown>;
  how: string[];
  remarks: string[];
  headings: string[];
  errors: string[]; // what the standard deviation in each column rests on
  rows: { name: string; cells: string[] }[];
  left_out: number;
  pictures: PictureJson[];
}

/** What is true of a patient who was looked at. */
export interface LookTruth {
  lesions: string[];
  narrowing: Record<string, number>;
  solved: { state: string; gradient: Record<string, number>; flow: Record<string, number>; pressure: Record<string, number> }[]; // of each recording
  readings: Record<string, string[]>[]; // of each recording, by row: without errors
}

export interface LookAnswer {
  note: string;
  exact: boolean;
  doubts: string[]; // of what is not to be trusted
  recordings: RecordingJson[];
  findings: { fired: string; site: string; rule: string; measure: string; interval: string; chance: string }[];
  rules: { name: string; says: string; source: string }[];
  truth: LookTruth | null; // null of one who is examined blind, until it is asked for
}

export interface Problem {
  what: string;
  where: string;
  remedy: string;
}

export interface JobState {
  id: string;
  kind: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  problems: Problem[];
  progress?: { what: string; share: number };
}

export interface Device {
  name: string;
  diameter: number;
  length: number;
  rated?: number;
  design?: string;
  sites?: string[];
  source: string;
}

export interface About {
  version: string;
  note: string;
  instruments: { name: string; title: string }[];
  cohorts: { name: string; title: string }[];
  variants: { name: string; what: string; source: string }[];
  balloons: Device[];
  stents: Device[];
}

/** A patient of a cohort, whose lesions are not shown. */
export interface Blind {
  cohort: string;
  number: number;
}

export interface BodyRequest {
  sex: "female" | "male" | null;
  height_cm: number | null;
  age: number | null;
  variants: string[];
  lesions: string[];
  posture: number;
  blind: Blind | null;
}

export type WorkRequest =
  | StudyRequest
  | { kind: "simulate"; body: BodyRequest }
  | { kind: "postures"; body: BodyRequest }
  | {
      kind: "treat";
      body: BodyRequest;
      revealed: boolean;
      balloon: string | null;
      stent: string | null;
      pressure_atm: number;
      vessels: string[];
      ivus: boolean;
      sham: boolean;
      exact: boolean;
      seed: number;
      anticoagulation: boolean;
    }
  | { kind: "look"; body: BodyRequest; revealed: boolean; instruments: string[]; sites: string[]; exact: boolean; seed: number };
