// How a route chooses among the endpoints of its upstream. Plain data: made by features/, carried out by proxy/balancing/.

/** Spreads requests that may go to any endpoint. */
export type SpreadAlgorithm = 'round-robin' | 'least-request' | 'ewma';

/** A piece of the text that a consistent hash is made of. Names of headers are in lower case. */
export type KeyPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'header' | 'cookie' | 'argument'; readonly name: string }
  | {
      readonly kind: 'request-uri' | 'path' | 'query' | 'host' | 'scheme' | 'method' | 'client-address';
    };

/** Equal keys go to the same endpoint. A request whose key is empty is spread. */
export interface HashPolicy {
  readonly key: readonly KeyPart[];
  /** A key has this many endpoints, and one of them answers by chance; 1: the plain case. */
  readonly subsetSize: number;
  /**
   * An endpoint that has more than this share of its fair number of requests under way passes further ones on to the next of the
   * ring, in percent; 0: no bound.
   */
  readonly maxLoadPercent: number;
}

/** A cookie that brings a client back to its endpoint. */
export interface CookieAffinity {
  /** `balanced`: a random key is hashed over the endpoints. `persistent`: the key names one endpoint. */
  readonly mode: 'balanced' | 'persistent';
  readonly name: string;
  readonly path: string;
  /** Empty: none is sent. */
  readonly domain: string;
  /** -1: the attribute is not sent. */
  readonly expiresSeconds: number;
  /** -1: the attribute is not sent. */
  readonly maxAgeSeconds: number;
  /** Empty: none is sent. */
  readonly sameSite: '' | 'None' | 'Lax' | 'Strict';
  /** Without `SameSite=None` for browsers that take it for `Strict`. */
  readonly omitsNoneForOldBrowsers: boolean;
  /** False: only where the request came by https. */
  readonly alwaysSecure: boolean;
  /** A try that failed gives the client another endpoint for good. */
  readonly changesOnFailure: boolean;
}

/** When a request is tried again at another endpoint. */
export interface RetryPolicy {
  /** Connecting failed, or the connection broke before a byte of the response. */
  readonly error: boolean;
  /** Connecting took too long. */
  readonly timeout: boolean;
  /** Sending, or waiting for the response, took too long. */
  readonly responseTimeout: boolean;
  readonly invalidHeader: boolean;
  /** What was sent may be repeated for every method. */
  readonly nonIdempotent: boolean;
  /** Responses that are not handed out while there is another endpoint; null: none. */
  readonly statuses: readonly number[] | null;
  /** Attempts, the first included; null: what the proxy is set to. */
  readonly maxTries: number | null;
  /** From the start of the request; 0: no limit. */
  readonly maxMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  error: true,
  timeout: true,
  responseTimeout: false,
  invalidHeader: false,
  nonIdempotent: false,
  statuses: null,
  maxTries: null,
  maxMs: 0,
};
