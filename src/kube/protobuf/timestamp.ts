// RFC 3339 texts as protobuf's Timestamp has them.
import { readFineTime } from '../scalar-texts.ts';

export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** To the microsecond; null for what is no time. */
export function parseTimestamp(text: string): Timestamp | null {
  const reading = readFineTime(text);
  if (reading === null) return null;
  const [whole = '', fraction = ''] = reading.replace('Z', '').split('.');
  return { seconds: Date.parse(`${whole}Z`) / 1000, nanos: Number(fraction) * 1000 };
}
