import type { File, Studies } from "./study";
import type { About, Atlas, BodyRequest, JobState, Problem, WorkRequest } from "./types";

export class Refused extends Error {
  /** `seconds` after which a server that is full wants to be asked again. */
  constructor(readonly problems: Problem[], readonly status = 0, readonly seconds = 0) {
    super(problems.map((problem) => problem.what).join("; "));
  }
}

const unreachable: Problem = { what: "the server does not answer", where: "", remedy: "is 'azygos serve' still running?" };

async function fetched(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused([unreachable]);
  });
  if (response.ok) return response;
  const told = (await response.json().catch(() => ({}))) as { problems?: Problem[] };
  const problems = told.problems ?? [{ what: `the server said ${response.status}`, where: path, remedy: "" }];
  throw new Refused(problems, response.status, Number(response.headers.get("retry-after")));
}

function posted(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return fetched(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal });
}

const LONGEST_WAIT = 30; // seconds until a full server is asked again
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
const isOver = ({ state }: JobState) => ["done", "failed", "cancelled"].includes(state);

export interface Finished<Answer> {
  id: string;
  answer: Answer;
}

/** Asks for work and follows it to its answer. An aborted signal stops following; `cancel` ends the work itself. */
export async function work<Answer>(
  request: WorkRequest,
  tell: (state: JobState) => void = () => {},
  signal?: AbortSignal,
): Promise<Finished<Answer>> {
  let state = await asked(request, tell, signal);
  cancelled.delete(state.id);
  tell(state);
  if (!isOver(state)) state = await followed(state, tell, signal).catch((error: unknown) => {
    if (signal?.aborted) void fetched(`/api/jobs/${state.id}?running=false`, { method: "DELETE" }).catch(() => {}); // nobody waits for it
    throw error;
  });
  if (state.state === "failed") throw new Refused(state.problems);
  if (state.state === "cancelled" && !cancelled.has(state.id)) return work(request, tell, signal); // by another page
  if (state.state === "cancelled") throw new DOMException("cancelled", "AbortError");
  const answer = (await (await fetched(`/api/jobs/${state.id}/answer`, { signal })).json()) as Answer;
  return { id: state.id, answer };
}

/** A server that is full says so; then it is asked again, a few times. */
async function asked(request: WorkRequest, tell: (state: JobState) => void, signal?: AbortSignal): Promise<JobState> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (await (await posted("/api/jobs", request, signal)).json()) as JobState;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 429 || attempt === 5) throw error;
      tell({ id: "", kind: request.kind, state: "queued", problems: [], progress: { what: "the server is busy", share: 0 } });
      await wait(1000 * Math.min(Math.max(error.seconds, 1), LONGEST_WAIT));
    }
  }
}

function followed(first: JobState, tell: (state: JobState) => void, signal?: AbortSignal): Promise<JobState> {
  return new Promise((resolve, reject) => {
    const events = new EventSource(`/api/jobs/${first.id}/events`);
    let last = first;
    const stop = () => {
      events.close();
      reject(new DOMException("left", "AbortError"));
    };
    signal?.addEventListener("abort", stop, { once: true });
    events.onmessage = (event: MessageEvent<string>) => {
      const state = (last = JSON.parse(event.data) as JobState);
      tell(state);
      if (isOver(state)) {
        events.close();
        signal?.removeEventListener("abort", stop);
        resolve(state);
      }
    };
    events.onerror = () => { // too many follow theirs, or the server has gone
      events.close();
      signal?.removeEventListener("abort", stop);
      resolve(found(last, tell, signal).then((state) => (isOver(state) ? state : followed(state, tell, signal))));
    };
  });
}

/** A job of which nothing is heard: it goes on when the server is there again. */
async function found(lost: JobState, tell: (state: JobState) => void, signal?: AbortSignal): Promise<JobState> {
  for (;;) {
    await wait(2000);
    try {
      return (await (await fetched(`/api/jobs/${lost.id}`, { signal })).json()) as JobState;
    } catch (error) {
      if (!(error instanceof Refused) || error.status) throw error;
      if (cancelled.has(lost.id)) return { ...lost, state: "cancelled" };
      tell({ ...lost, progress: { what: `${unreachable.what}: ${unreachable.remedy}`, share: lost.progress?.share ?? 0 } });
    }
  }
}

/** The answer of a job that a link names. */
export const answerOf = async <Answer>(job: string) => (await (await fetched(`/api/jobs/${job}/answer`)).json()) as Answer;
export const studies = async () => (await (await fetched("/api/studies")).json()) as Studies;
export const examples = async () => (await (await fetched("/api/examples")).json()) as Record<string, File[]>;
const cancelled = new Set<string>(); // by this page
export function cancel(job: string): void {
  cancelled.add(job);
  void fetched(`/api/jobs/${job}`, { method: "DELETE" }).catch(() => {}); // a server that is away is told by who follows the job
}
export const about = async () => (await (await fetched("/api/about")).json()) as About;
export const map = async (body: BodyRequest, signal?: AbortSignal) =>
  (await (await posted("/api/atlas", body, signal)).json()) as Atlas;
export const script = async (request: WorkRequest) => (await posted("/api/script", request)).text();

export interface Fact {
  quantity: string;
  value: number | string;
  unit: string;
  source: string;
}

export const facts = async (vessel: string) =>
  ((await (await fetched(`/api/vessels/${encodeURIComponent(vessel)}`)).json()) as { facts: Fact[] }).facts;
