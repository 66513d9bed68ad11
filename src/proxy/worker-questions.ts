// WorkerQuestions: questions of one kind that the primary asks workers over IPC, each answered once, or not in time.

const answerTimeoutMs = 2_000;

export class WorkerQuestions<Answer> {
  readonly #open = new Map<number, (answer: Answer) => void>();
  #next = 1;

  /** `send` gets the number of the question; `late` is the answer when none comes. */
  async ask(send: (id: number) => void, late: () => Answer): Promise<Answer> {
    const id = this.#next;
    this.#next += 1;
    return await new Promise<Answer>((resolve) => {
      const timer = setTimeout(() => this.answer(id, late()), answerTimeoutMs);
      this.#open.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      send(id);
    });
  }

  /** What nobody waits for any more is forgotten. */
  answer(id: number, answer: Answer): void {
    const resolve = this.#open.get(id);
    this.#open.delete(id);
    resolve?.(answer);
  }
}
