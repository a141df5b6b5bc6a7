// What is planned on the Study screen: a part of the address, and of what undo and redo step through.

export type PartName = "trial" | "data" | "audit";

export interface Plan {
  part: PartName;
  study: string; // by name
  file: string; // the job that read the user's own file, in place of a name
  kind: string | null; // null: as the file has it
  n: number | null;
  allocation: string | null;
  blinding: string[] | null;
  effect: string;
  off: string[];
  seed: number;
  repeats: number;
  ran: boolean;
  data: string; // the job that analysed the user's data
  audit: string; // the job that audited a text
}

const usual: Plan = {
  part: "trial", study: "chicago-2012", file: "", kind: null, n: null, allocation: null, blinding: null, effect: "none", off: [],
  seed: 1, repeats: 500, ran: false, data: "", audit: "",
};

export const plan: Plan = $state(structuredClone(usual));

const whole = (text: string | null, low: number, high: number) => {
  const value = text ? Math.round(Number(text)) : NaN;
  return Number.isFinite(value) ? Math.min(Math.max(value, low), high) : null;
};
const job = (text: string | null) => (text && /^[0-9a-f]{1,64}$/.test(text) ? text : "");

export function readPlan(at: URLSearchParams): void {
  const part = at.get("part");
  Object.assign(plan, {
    part: part === "data" || part === "audit" ? part : "trial",
    study: at.get("study") ?? usual.study,
    file: job(at.get("file")),
    kind: at.get("kind"),
    n: whole(at.get("n"), 4, 5000),
    allocation: at.get("allocation"),
    blinding: at.has("blinded") ? (at.get("blinded") ?? "").split(",").filter(Boolean) : null,
    effect: at.get("effect") ?? usual.effect,
    off: (at.get("off") ?? "").split(",").filter(Boolean),
    seed: whole(at.get("draw"), 0, 2 ** 31 - 1) ?? usual.seed,
    repeats: whole(at.get("repeats"), 50, 2000) ?? usual.repeats,
    ran: at.get("run") === "yes",
    data: job(at.get("data")),
    audit: job(at.get("audit")),
  } satisfies Plan);
}

export function sayPlan(at: URLSearchParams): void {
  const words: Record<string, string> = {
    part: plan.part, study: plan.study, file: plan.file, kind: plan.kind ?? "", n: String(plan.n ?? ""),
    allocation: plan.allocation ?? "", effect: plan.effect, off: plan.off.join(","), draw: String(plan.seed),
    repeats: String(plan.repeats), run: plan.ran ? "yes" : "", data: plan.data, audit: plan.audit,
  };
  const silent: Record<string, string> = { part: "trial", study: usual.study, effect: "none", draw: "1", repeats: "500" };
  for (const [name, word] of Object.entries(words)) if (word && word !== silent[name]) at.set(name, word);
  if (plan.blinding) at.set("blinded", plan.blinding.join(","));
}
