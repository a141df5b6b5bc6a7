// What the server sends of studies; see src/azygos/web/study*.py.

import type { PictureJson } from "./types";

export interface File {
  name: string;
  text: string;
}

export interface Changes {
  kind: string | null;
  n: number | null;
  allocation: string | null;
  blinding: string[] | null;
  off: string[];
}

export interface Listed {
  name: string;
  title: string;
  kind: string;
  n: number;
  effects: Record<string, number>;
  effect_axis: string; // their unit
  calibration: boolean;
}

export interface Studies {
  note: string;
  studies: Listed[];
  layers: { name: string; what: string }[];
  claims: string[];
  most: { people: number; repeats: number };
}

/** A number with all that is known of it. */
export interface Known {
  value: string; // with its unit
  what: string;
  error: string;
  source: string;
}
export type Cell = string | Known | Known[];
/** A sentence in pieces: words, and the numbers in it. */
export type Told = (string | Known)[];

export interface DesignAnswer extends Listed {
  randomised: boolean;
  blinding: string[];
  allocation: string;
  off: string[];
  sections: { title: string; rows: string[][] }[];
  published: Known[];
  constants: Cell[][];
  bands: string[][];
  layers: { name: string; on: boolean; what: string }[];
  sources: string[];
  file: File;
}

export interface Part {
  name: string;
  pictures: PictureJson[];
}

export interface Found {
  note: string;
  title: string;
  said: Told[];
  source: string; // whose data they are
  results: Cell[][];
  harms: { headings: string[]; rows: Cell[][] };
  bias: { domain: string; level: string; reason: string }[];
  ineligible: [string, number][];
  randomised: boolean;
  json: Record<string, unknown>;
  parts: Part[];
}

export interface EnrolAnswer extends Found {
  arms: string[];
  people: [number, "+" | "-" | "."][];
  legend: Record<"+" | "-" | ".", string>;
  endpoint: string;
  data: Record<string, string>;
}

export interface DataAnswer extends Found {
  files: string[];
  design: string;
  people: number;
  verdict: Judged;
}

export interface VerdictJson {
  analysis: string;
  result: { estimate: number; of: number | null; source: string };
  standing: string;
  rule: string;
  chance_with_no_effect: { mean: number; monte_carlo_error: number; draws: number; "q2.5": number; q50: number; "q97.5": number };
}

/** A verdict, or why there is none. */
export interface Judged {
  said: { sentences: Told[]; for_patients: Told[]; because: Told } | null;
  effect_rows: Cell[][];
  json: { judged: string | null; not_judged_because: string | null; verdict: VerdictJson | null; about: string };
}

export interface TrialAnswer extends Judged {
  looks: Told;
  fewer: string; // why not as many repeats were made as were asked for
  repeat_rows: Cell[][];
  parts: Part[];
  json: Judged["json"] & { repeats: number };
}

export interface Finding {
  claim: string;
  what: string;
  stated: string;
  recomputed: string;
  verdict: string;
  reason: string;
  place: string;
  says?: string;
  source?: string;
  verified?: string;
}

export interface Sentence {
  number: number;
  said_by: { name: string; role: string } | null;
  cautions: string[];
  strong_words: string[];
  pieces: [string, string][];
  numbers: { text: string; rule: string; read_as: string; whole: string; denominator: { how: string; why: string } | null }[];
}

export interface ArticleJson {
  file: string;
  sentences: Sentence[];
  told: { item: string; state: string; sentence: number | null; words: string; why: string }[];
  omitted: string[];
  checks: Finding[];
}

type Lost = Record<"numbers" | "speakers" | "cautions" | "told", string[]>;

export interface CopiesJson {
  first: string;
  second: string;
  containment: number;
  threshold: number;
  are_copies: boolean;
  dropped: Lost;
  added: Lost;
  sentences: { state: string; first: number | null; second: number | null; words: { state: string; words: string }[] }[];
}

export interface AuditAnswer {
  about: string;
  verdicts: Record<string, string>;
  verified: Record<string, string>;
  title?: string;
  tally?: Record<string, number>;
  findings?: Finding[];
  texts?: ArticleJson[];
  copies?: CopiesJson[];
}

type Asked = { study: string; file: File | null; changes: Changes };

export type StudyRequest =
  | ({ kind: "design" } & Asked)
  | ({ kind: "enrol"; effect: string; seed: number } & Asked)
  | ({ kind: "trial"; effect: string; seed: number; repeats: number } & Asked)
  | { kind: "analyse"; design: File | string; dictionary: File | null; tables: File[] }
  | { kind: "audit"; texts: File[]; claims: File | string | null };
