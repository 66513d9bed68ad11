// Settings of the controller about connections and request heads of clients: what the flags of the same purpose say, followed live.
import { goBool, type ParseResult } from '../features/index.ts';
import type { FlagOverrides } from '../model/index.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import {
  countBetween,
  parseTimeMs,
  parseTimeOrZeroMs,
  readBytes,
  readSetting,
  switchText,
  timeText,
} from './setting-values.ts';

interface HeadBuffers {
  readonly lineBytes: number;
  readonly totalBytes: number;
}

/** Beside its target a request line holds a method, a version and blanks. */
const lineSlackBytes = 204;
const maxBuffers = 64;
const minLineBytes = 1_024;
const maxTotalBytes = 1_048_576;

const keepAlive: ControllerSetting<number> = {
  name: 'keep-alive',
  parse: parseTimeOrZeroMs,
  valueText: timeText,
  defaultText: 'that of the flag `--keep-alive-timeout`, `75s`',
  doc: 'How long an idle client connection is kept; `0`: each connection ends after one request.',
};

const keepAliveRequests: ControllerSetting<number> = {
  name: 'keep-alive-requests',
  parse: countBetween(1, 999_999_999),
  valueText: 'a whole number of at least 1',
  defaultText: 'that of the flag, `1000`',
  doc: 'Requests on one client connection.',
};

const headerTimeout: ControllerSetting<number> = {
  name: 'client-header-timeout',
  parse: parseTimeMs,
  valueText: timeText,
  defaultText: 'that of the flag, `60s`',
  doc: 'Time for a whole request head, not only between two reads of it.',
  difference: 'The whole head, not the pause between two reads.',
};

const bodyTimeout: ControllerSetting<number> = {
  name: 'client-body-timeout',
  parse: parseTimeMs,
  valueText: timeText,
  defaultText: 'that of the flag, `60s`',
  doc: 'Longest pause inside a request body.',
};

const headBuffers: ControllerSetting<HeadBuffers> = {
  name: 'large-client-header-buffers',
  parse: parseHeadBuffers,
  valueText: `a count from 1 to ${maxBuffers} and a size from 1k on, such as \`4 8k\`, up to 1m together`,
  defaultText: 'those of the flags, `4 8k`',
  doc: 'The size bounds a field line and the target of a request, the product all field lines together. Above: 431, and 414 for the target.',
  difference: '431 instead of 400 for fields that are too large.',
};

const underscores: ControllerSetting<boolean> = {
  name: 'enable-underscores-in-headers',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Whether request fields with `_` in their names pass; else they are dropped. Those that a backend could take for a field of the proxy (`X_Forwarded_For`) are dropped all the same.',
  difference: 'Names that stand for a field of the proxy are dropped all the same.',
};

const concurrentStreams: ControllerSetting<number> = {
  name: 'http2-max-concurrent-streams',
  parse: countBetween(1, 100_000),
  valueText: 'a whole number from 1 to 100000',
  defaultText: 'that of the flag, `128`',
  doc: 'Requests at the same time on one HTTP/2 connection, for connections from then on.',
};

const shutdownTimeout: ControllerSetting<number> = {
  name: 'worker-shutdown-timeout',
  parse: parseTimeMs,
  valueText: timeText,
  defaultText: 'that of the flag `--shutdown-grace-period`',
  doc: 'Time for requests in flight when the program is asked to end. Shorter than `terminationGracePeriodSeconds` of the pod.',
  difference:
    'Nothing but the end of the program ends connections: the default is that of the flag and not `240s`.',
};

export const clientSettings: readonly ControllerSetting[] = [
  keepAlive,
  keepAliveRequests,
  headerTimeout,
  bodyTimeout,
  headBuffers,
  underscores,
  concurrentStreams,
  shutdownTimeout,
];

export function readKeepsUnderscores(values: ControllerValues): boolean {
  return readSetting(values, underscores) ?? false;
}

/** Null: that of the flag. */
export function readShutdownGraceMs(values: ControllerValues): number | null {
  return readSetting(values, shutdownTimeout) ?? null;
}

export function readClientOverrides(values: ControllerValues): Omit<FlagOverrides, 'pool'> {
  const keepAliveMs = readSetting(values, keepAlive);
  const maxRequestsPerConnection = readSetting(values, keepAliveRequests);
  const requestHeadMs = readSetting(values, headerTimeout);
  const requestBodyMs = readSetting(values, bodyTimeout);
  const buffers = readSetting(values, headBuffers);
  const maxConcurrentStreams = readSetting(values, concurrentStreams);
  return {
    limits: {
      ...(maxRequestsPerConnection !== undefined && { maxRequestsPerConnection }),
      ...(buffers !== undefined && {
        maxRequestLineBytes: buffers.lineBytes + lineSlackBytes,
        maxFieldLineBytes: buffers.lineBytes,
        maxFieldsBytes: buffers.totalBytes,
      }),
    },
    timeouts: {
      ...(keepAliveMs !== undefined && { keepAliveMs }),
      ...(requestHeadMs !== undefined && { requestHeadMs }),
      ...(requestBodyMs !== undefined && { requestBodyMs }),
    },
    http2: maxConcurrentStreams === undefined ? {} : { maxConcurrentStreams },
  };
}

function parseHeadBuffers(text: string): ParseResult<HeadBuffers> {
  const match = /^([0-9]{1,2}) +([0-9]{1,7}[kKmM]?)$/.exec(text);
  const count = Number(match?.[1] ?? 0);
  const lineBytes = readBytes(match?.[2] ?? '') ?? 0;
  const isWhole = count >= 1 && count <= maxBuffers && lineBytes >= minLineBytes;
  if (isWhole && count * lineBytes <= maxTotalBytes) {
    return { value: { lineBytes, totalBytes: count * lineBytes } };
  }
  return { wanted: 'a count and a size such as "4 8k", from "1 1k" up to 1m together' };
}
