// Which responses are compressed on their way to clients that take it.
import type { FieldPattern } from './traffic-settings.ts';

export interface CodingSettings {
  readonly level: number;
  /** Responses that announce less are not worth it. */
  readonly minBytes: number;
  /** Media types in lower case; `*` is any. `text/html` is always one of them. */
  readonly types: readonly string[];
}

export interface CompressionSettings {
  /** Null: never gzip. `disabledFor`: values of `User-Agent` that get none. */
  readonly gzip: (CodingSettings & { readonly disabledFor: readonly FieldPattern[] }) | null;
  /** Null: never Brotli. */
  readonly brotli: CodingSettings | null;
}
