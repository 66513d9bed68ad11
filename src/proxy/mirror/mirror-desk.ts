// MirrorDesk: all copies of a worker that are under way, bounded in number and bytes for each Ingress and for all, and what became of the others.
import type { Mirror } from '../../model/index.ts';
import { AuthCall } from '../external-auth/auth-call.ts';
import type { AuthCore } from '../external-auth/auth-core.ts';

/** For one Ingress: who has a slow mirror loses copies, not requests. */
const maxActive = 100;
const maxHeldBytes = 8_388_608;
/** For all of a worker, however many Ingresses there are. */
const maxTotalActive = 1_000;
const maxTotalHeldBytes = 67_108_864;
const connectTimeoutMs = 5_000;
const answerTimeoutMs = 60_000;

/** What one Ingress has under way. */
interface Load {
  active: number;
  heldBytes: number;
}

export interface MirrorPlace {
  /** Room for so many further bytes; false: there is none. */
  hold(bytes: number): boolean;
  send(copy: MirrorCopyText): void;
  /** Not sent, for it is too much. */
  drop(): void;
}

export interface MirrorCopyText {
  readonly mirror: Mirror;
  readonly method: string;
  readonly text: string;
  /** Of the request. */
  readonly host: string;
}

export interface MirrorCounters {
  answered: number;
  failed: number;
  dropped: number;
}

export class MirrorDesk {
  readonly counters: MirrorCounters = { answered: 0, failed: 0, dropped: 0 };
  readonly #core: AuthCore;
  readonly #loads = new Map<string, Load>();
  readonly #total: Load = { active: 0, heldBytes: 0 };

  constructor(core: AuthCore) {
    this.#core = core;
  }

  /** A place for one copy, ended by `send` or `drop`; null: there are enough. */
  take(owner: string): MirrorPlace | null {
    const load = this.#loads.get(owner) ?? { active: 0, heldBytes: 0 };
    const total = this.#total;
    if (load.active >= maxActive || total.active >= maxTotalActive) {
      this.counters.dropped += 1;
      return null;
    }
    this.#loads.set(owner, load);
    load.active += 1;
    total.active += 1;
    let held = 0;
    const leave = (): void => {
      load.active -= 1;
      load.heldBytes -= held;
      total.active -= 1;
      total.heldBytes -= held;
      if (load.active === 0) this.#loads.delete(owner);
    };
    return {
      hold: (bytes) => {
        const isTooMuch =
          load.heldBytes + bytes > maxHeldBytes || total.heldBytes + bytes > maxTotalHeldBytes;
        if (isTooMuch) return false;
        held += bytes;
        load.heldBytes += bytes;
        total.heldBytes += bytes;
        return true;
      },
      send: (copy) => this.#send(copy, leave),
      drop: () => {
        this.counters.dropped += 1;
        leave();
      },
    };
  }

  #send({ mirror, method, text, host }: MirrorCopyText, leave: () => void): void {
    const live = this.#core.servers.join(mirror.server, host);
    if (live === null) {
      this.counters.dropped += 1;
      leave();
      return;
    }
    const question = { text, method, connectTimeoutMs, answerTimeoutMs, keepAlive: null };
    new AuthCall(this.#core, live, question, (result) => {
      this.counters[typeof result === 'string' ? 'failed' : 'answered'] += 1;
      leave();
    }).start();
  }
}
