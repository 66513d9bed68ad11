// SessionTokens: the names of endpoints in the cookies of clients. A token is a keyed hash of the endpoint's address under something that
// clients do not know (the Service's uid), so it tells nothing and cannot be made up; equal in every worker and replica.
import { createHmac } from 'node:crypto';

const tokenLength = 32;
const markLength = 8;

interface Named {
  readonly label: string;
}

export class SessionTokens<Endpoint extends Named> {
  /** Of this backend, at the end of each cookie. */
  readonly mark: string;
  readonly #seal: string;
  readonly #tokens = new Map<Endpoint, string>();
  readonly #endpoints = new Map<string, Endpoint>();

  constructor(seal: string, backendId: string) {
    this.#seal = seal;
    this.mark = this.#hash(`backend ${backendId}`).slice(0, markLength);
  }

  /** The endpoints that tokens can lead to from now on; those that stay are not hashed again. */
  setEndpoints(endpoints: Iterable<Endpoint>): void {
    const present = new Set(endpoints);
    for (const [endpoint, token] of this.#tokens) {
      if (present.has(endpoint)) continue;
      this.#tokens.delete(endpoint);
      this.#endpoints.delete(token);
    }
    for (const endpoint of present) {
      if (this.#tokens.has(endpoint)) continue;
      const token = this.#hash(`endpoint ${endpoint.label}`);
      this.#tokens.set(endpoint, token);
      this.#endpoints.set(token, endpoint);
    }
  }

  tokenOf(endpoint: Endpoint): string | undefined {
    return this.#tokens.get(endpoint);
  }

  endpointOf(token: string): Endpoint | undefined {
    return this.#endpoints.get(token);
  }

  #hash(text: string): string {
    return createHmac('sha256', this.#seal).update(text).digest('hex').slice(0, tokenLength);
  }
}
