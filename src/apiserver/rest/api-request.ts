// ApiRequest and ApiResponse: a request to the API without its transport. The HTTPS listener and the in-process client both make
// them, so that the controller inside `sallyport up` is the controller of a cluster.
import type { ApiObject } from '../api-object.ts';

export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Decoded segments come from here; without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The Accept field; empty: JSON. */
  readonly accept: string;
  /** The Content-Type field; empty when there is no body. */
  readonly contentType: string;
  readonly userAgent: string;
  readonly user: UserInfo;
  /** The whole body; empty: none. In-process callers may hand over a value instead of bytes. */
  readonly body: Uint8Array | { readonly value: unknown };
}

/** The object form of an answer; the transport renders it as JSON or YAML. */
export interface ValueResponse {
  readonly kind: 'value';
  readonly status: number;
  readonly value: unknown;
  /** Texts of Warning headers. */
  readonly warnings: readonly string[];
  /** Instead of `application/json`, e.g. that of aggregated discovery. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is no JSON: health pages, the OpenAPI v2 document. */
export interface BytesResponse {
  readonly kind: 'bytes';
  readonly status: number;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface WatchFrame {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  /** An object, a Table or a Status. */
  readonly object: ApiObject | Readonly<Record<string, unknown>>;
}

export interface WatchSink {
  /** False: the receiver is slow; what waits for it is bounded by the transport, which ends the watch when it is too much. */
  frame: (frame: WatchFrame) => boolean;
  /** The watch is over (time-out, error frame sent, server stops). */
  end: () => void;
}

/** 200 with a stream of frames. */
export interface WatchResponse {
  readonly kind: 'watch';
  readonly warnings: readonly string[];
  /** Begins; frames may come before it returns. The function that it returns ends the watch when the receiver leaves. */
  readonly open: (sink: WatchSink) => () => void;
}

export type ApiResponse = ValueResponse | BytesResponse | WatchResponse;

/** Answers everything under /api and /apis, discovery and OpenAPI included. Never throws: refusals are Status values. */
export type ApiHandler = (request: ApiRequest) => ApiResponse;
