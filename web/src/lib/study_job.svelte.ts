import { answerOf, Refused, work } from "./api";
import type { StudyRequest } from "./study";
import type { JobState, Problem } from "./types";

/** A question of the Study screen on its way to its answer. */
export class Job<Answer> {
  id = $state("");
  answer = $state.raw<Answer | null>(null);
  problems: Problem[] = $state([]);
  state = $state<JobState | null>(null);
  private leaving: AbortController | null = null;

  get busy(): boolean {
    return this.state?.state === "queued" || this.state?.state === "running";
  }

  /** Asks for work; what was known before is dropped unless it is to be kept until the answer is there. */
  async ask(request: StudyRequest, keep = false): Promise<boolean> {
    this.leave();
    const leaving = (this.leaving = new AbortController());
    if (!keep) this.answer = null;
    this.problems = [];
    return this.take(() => work<Answer>(request, (state) => (this.state = state), leaving.signal));
  }

  /** Fetches the answer of a job that an address names; none for an empty name. */
  async open(id: string): Promise<void> {
    if (!id) this.answer = null;
    else if (id !== this.id || !this.answer) await this.take(async () => ({ id, answer: await answerOf<Answer>(id) }));
  }

  leave(): void {
    this.leaving?.abort();
  }

  private async take(found: () => Promise<{ id: string; answer: Answer }>): Promise<boolean> {
    try {
      const { id, answer } = await found();
      this.id = id;
      this.answer = answer;
      return true;
    } catch (error) {
      if (error instanceof Refused) {
        this.problems = error.problems;
        this.answer = null;
      } else if (!(error instanceof DOMException)) throw error;
      return false;
    }
  }
}
