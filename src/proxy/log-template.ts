// Lines of the access log by a template of the settings.
import type { LogSettings, RecordVariable } from '../model/index.ts';
import type { AccessEntry } from '../observe/access-log.ts';
import { escapeJson, escapeNginx } from '../observe/line-escape.ts';
import { LogTime, renderMilliseconds, renderSeconds } from '../observe/log-time.ts';
import type { Exchange } from './exchange.ts';
import { readerOf } from './text-template.ts';

type EntryReader = (entry: AccessEntry) => string;

function requestOf({ method, target, protocol }: AccessEntry): string {
  return target === '' ? method : `${method} ${target} ${protocol}`;
}

function makeReaders(): Readonly<Record<RecordVariable, EntryReader>> {
  const time = new LogTime();
  return {
    body_bytes_sent: ({ bytesSent }) => String(bytesSent),
    bytes_sent: ({ bytesSent }) => String(bytesSent),
    msec: ({ timeMs }) => {
      time.moveTo(timeMs);
      return `${time.epochSeconds}.${renderMilliseconds(timeMs)}`;
    },
    proxy_alternative_upstream_name: ({ alternativeUpstream }) => alternativeUpstream,
    remote_user: ({ remoteUser }) => remoteUser,
    request: requestOf,
    request_length: ({ requestBytes }) => String(requestBytes),
    request_time: ({ durationMs }) => renderSeconds(durationMs),
    status: ({ status }) => String(status),
    time_iso8601: ({ timeMs }) => {
      time.moveTo(timeMs);
      return time.iso8601;
    },
    time_local: ({ timeMs }) => {
      time.moveTo(timeMs);
      return time.local;
    },
    upstream_addr: ({ upstreamAddress }) => upstreamAddress,
    upstream_response_length: ({ upstreamResponseBytes }) => upstreamResponseBytes,
    upstream_response_time: ({ upstreamDurationMs }) => upstreamDurationMs,
    upstream_status: ({ upstreamStatus }) => upstreamStatus,
  };
}

/** What the settings say of the log, made ready. */
export interface LogRules {
  readonly isOff: boolean;
  /** Null: none is left out. */
  readonly skipped: ReadonlySet<string> | null;
  /** Null: as the flag says. */
  readonly render: ((exchange: Exchange, entry: AccessEntry) => string) | null;
}

export function compileLogRules({ isOff, template, escapesJson, skippedPaths }: LogSettings): LogRules {
  const skipped = skippedPaths.length === 0 ? null : new Set(skippedPaths);
  if (template === null) return { isOff, skipped, render: null };
  const ofEntry = makeReaders();
  const escape = escapesJson ? escapeJson : escapeNginx;
  const absent = escapesJson ? '' : '-';
  const parts = template.map((part): ((exchange: Exchange, entry: AccessEntry) => string) => {
    if (part.kind === 'text') return () => part.text;
    const ofRequest = readerOf(part);
    const read: (exchange: Exchange, entry: AccessEntry) => string =
      ofRequest ?? ((_, entry) => ofEntry[(part as { readonly name: RecordVariable }).name](entry));
    return (exchange, entry) => {
      const value = read(exchange, entry);
      return value === '' ? absent : escape(value);
    };
  });
  return {
    isOff,
    skipped,
    render: (exchange, entry) => {
      let line = '';
      for (const part of parts) line += part(exchange, entry);
      return `${line}\n`;
    },
  };
}
