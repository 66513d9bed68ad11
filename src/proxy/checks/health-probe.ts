// HealthProbe: asks one endpoint regularly whether it is well, over a connection of its own each time. Several answers in a row change the
// judgement.
import type { HealthCheck } from '../../model/index.ts';
import type { Deadlines, Timed } from '../deadlines.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import { askBySocket } from './ask-by-socket.ts';
import { askByStream } from './ask-by-stream.ts';
import type { ProbeTransport } from './probe-transports.ts';
import type { Question } from './question.ts';

/** What probes need of the worker around them. */
export interface ProbeSurroundings {
  readonly deadlines: Deadlines;
  readonly random: () => number;
  /** How the endpoints are spoken to now. Null: in the clear, HTTP/1.1. Undefined: by TLS that cannot be had. */
  readonly transportOf: () => ProbeTransport | null | undefined;
}

export class HealthProbe implements Timed {
  deadlineMs: number;
  readonly endpoint: LiveEndpoint;
  readonly #check: HealthCheck;
  readonly #surroundings: ProbeSurroundings;
  readonly #onChange: (endpoint: LiveEndpoint, reason: string) => void;
  /** Null: between two questions. */
  #question: Question | null = null;
  #failures = 0;
  #successes = 0;

  /**
   * The first question comes at some moment of the first interval, so that workers and endpoints are not asked all at once. `onChange`: after
   * `isDown` changed.
   */
  constructor(
    endpoint: LiveEndpoint,
    check: HealthCheck,
    surroundings: ProbeSurroundings,
    onChange: (endpoint: LiveEndpoint, reason: string) => void,
  ) {
    this.endpoint = endpoint;
    this.#check = check;
    this.#surroundings = surroundings;
    this.#onChange = onChange;
    const { deadlines, random } = surroundings;
    this.deadlineMs = deadlines.nowMs + random() * check.intervalMs;
    deadlines.add(this);
  }

  stop(): void {
    this.#surroundings.deadlines.remove(this);
    this.#hangUp();
  }

  onDeadline(): void {
    if (this.#question === null) this.#ask();
    else this.#judge('time-out');
  }

  #ask(): void {
    const { endpoint } = this;
    const { deadlines, transportOf } = this.#surroundings;
    const found = transportOf();
    if (found === undefined) {
      // The Secret is missing or bad: nothing that the endpoint could help.
      this.deadlineMs = deadlines.nowMs + this.#check.intervalMs;
      return;
    }
    this.deadlineMs = deadlines.after(this.#check.timeoutMs);
    const options = { endpoint, check: this.#check, tell: (reason: string) => this.#judge(reason) };
    const isStream = found?.transport.isHttp2 === true && this.#check.kind !== 'tcp';
    this.#question = isStream ? askByStream(options, found) : askBySocket(options, found?.transport ?? null);
  }

  /** `reason` empty: a good answer. */
  #judge(reason: string): void {
    this.#hangUp();
    this.deadlineMs = this.#surroundings.deadlines.nowMs + this.#check.intervalMs;
    const isGood = reason === '';
    this.#successes = isGood ? this.#successes + 1 : 0;
    this.#failures = isGood ? 0 : this.#failures + 1;
    const { endpoint } = this;
    const isDown = endpoint.isDown
      ? this.#successes < this.#check.successes
      : this.#failures >= this.#check.failures;
    if (isDown === endpoint.isDown) return;
    endpoint.isDown = isDown;
    this.#onChange(endpoint, reason);
  }

  #hangUp(): void {
    const question = this.#question;
    this.#question = null;
    question?.hangUp();
  }
}
