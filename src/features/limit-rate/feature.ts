// limit-rate: how fast the body of each response may go.
import type { AnnotationKey, AnnotationValues, Feature, ParseResult, ResponsePace } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goInt, readValue } from '../values.ts';

const kibibyte = 1_024;
/** A TiB: beyond what any network carries, and exact in all arithmetic. */
const maxKibibytes = 1_073_741_824;

/** As in ingress-nginx, what is not above zero is no limit. */
function kibibytes(text: string): ParseResult<number> {
  const parsed = goInt(text);
  if ('wanted' in parsed) return { wanted: 'a whole number of KiB, without unit' };
  return { value: Math.min(Math.max(parsed.value, 0), maxKibibytes) };
}

const common = {
  dialect: 'nginx',
  parse: kibibytes,
  scope: 'route',
  risk: 'low',
  onInvalid: 'default',
  valueText: `whole KiB, without unit; over ${maxKibibytes} counts as ${maxKibibytes}`,
} as const;

export const rateKey: AnnotationKey<number> = {
  ...common,
  name: 'limit-rate',
  setting: 'limit-rate',
  defaultText: '`0`, which is no limit',
  doc: "The most that the body of one response takes, in KiB a second; compressed bodies count as they are sent, heads and tunnels do not. A client with several requests at once gets it for each. A second's worth may go at once. What is more goes in pieces four times a second; the endpoint is held back meanwhile, whose read time-out then rests.",
};

export const rateAfterKey: AnnotationKey<number> = {
  ...common,
  name: 'limit-rate-after',
  setting: 'limit-rate-after',
  defaultText: '`0`',
  doc: 'The first KiB of a body that `limit-rate` does not hold back.',
};

function compile(values: AnnotationValues): ResponsePace | null {
  const rate = readValue(values, rateKey) ?? 0;
  if (rate === 0) return null;
  const after = readValue(values, rateAfterKey) ?? 0;
  return { bytesPerSecond: rate * kibibyte, fullSpeedBytes: after * kibibyte };
}

export const limitRate: Feature = defineFeature<ResponsePace>({
  name: 'limit-rate',
  doc: 'Slows the bodies of responses of endpoints down. Answers of this program go as fast as they can.',
  keys: [rateKey, rateAfterKey],
  after: ['limits'],
  compile,
  settings: (responsePace) => ({ responsePace }),
  describe: ({ bytesPerSecond, fullSpeedBytes }) => {
    const behind = fullSpeedBytes === 0 ? '' : ` behind the first ${fullSpeedBytes / kibibyte} KiB`;
    return `send bodies at ${bytesPerSecond / kibibyte} KiB a second${behind}`;
  },
});
