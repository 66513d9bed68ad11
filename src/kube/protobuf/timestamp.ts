// RFC 3339 texts as protobuf's Timestamp has them.
import { readMicroTime } from '../scalar-texts.ts';

export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** To the microsecond; null for what is no time. */
export function parseTimestamp(text: string): Timestamp | null {
  const reading = readMicroTime(text);
  if ('fault' in reading) return null;
  const [whole = '', fraction = ''] = reading.value.replace('Z', '').split('.');
  return { seconds: Date.parse(`${whole}Z`) / 1000, nanos: Number(fraction) * 1000 };
}
