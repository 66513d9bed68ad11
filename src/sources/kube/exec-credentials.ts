// ExecCredentials: credentials from a program that a kubeconfig names (`users[].user.exec`, client.authentication.k8s.io).
// Run once for all who wait, kept until they expire or the server refuses them. Its output is never shown.
import { execFile } from 'node:child_process';
import { type Credential, CredentialError, type Credentials } from './cluster-connection.ts';
import { isSame } from './user-credentials.ts';

export interface ExecPlugin {
  /** Looked up in the PATH unless it holds a separator. */
  readonly command: string;
  readonly args: readonly string[];
  /** The environment of the program, complete but for KUBERNETES_EXEC_INFO. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** e.g. `client.authentication.k8s.io/v1`. */
  readonly apiVersion: string;
  /** `spec.cluster` of the program's input; null: not asked for. */
  readonly cluster: Readonly<Record<string, unknown>> | null;
  /** Shown when the program is missing; empty: none. */
  readonly installHint: string;
}

export interface ExecTimes {
  readonly nowMs: () => number;
  /** Longest run of the program. */
  readonly timeoutMs: number;
}

const maxOutputBytes = 1024 * 1024;
/** Of the program's standard error, in a message. */
const maxComplaintChars = 300;

interface KeptCredential {
  readonly credential: Credential;
  /** Infinity: never. */
  readonly expiresMs: number;
}

export class ExecCredentials implements Credentials {
  readonly #plugin: ExecPlugin;
  readonly #times: ExecTimes;
  #kept: KeptCredential | null = null;
  #running: Promise<Credential> | null = null;

  constructor(plugin: ExecPlugin, times: Partial<ExecTimes> = {}) {
    this.#plugin = plugin;
    this.#times = { nowMs: Date.now, timeoutMs: 60_000, ...times };
  }

  current(): Promise<Credential> {
    const kept = this.#kept;
    if (kept !== null && this.#times.nowMs() < kept.expiresMs) return Promise.resolve(kept.credential);
    return this.#refresh();
  }

  async renew(refused: Credential): Promise<Credential | null> {
    const kept = this.#kept?.credential;
    // Another call has renewed it meanwhile.
    if (kept !== undefined && !isSame(kept, refused)) return kept;
    const renewed = await this.#refresh();
    return isSame(renewed, refused) ? null : renewed;
  }

  #refresh(): Promise<Credential> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<Credential> {
    const { command, args, env, apiVersion, cluster } = this.#plugin;
    const spec = { ...(cluster === null ? {} : { cluster }), interactive: false };
    const info = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec });
    const output = await new Promise<string>((resolve, reject) => {
      const child = execFile(
        command,
        args,
        {
          env: { ...env, KUBERNETES_EXEC_INFO: info },
          timeout: this.#times.timeoutMs,
          killSignal: 'SIGKILL',
          maxBuffer: maxOutputBytes,
        },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(this.#fault(renderFailure(error, stderr, this.#plugin, this.#times.timeoutMs)));
        },
      );
      // It gets no input: one that waits for a terminal must not hang.
      child.stdin?.on('error', () => undefined).end();
    });
    this.#kept = this.#parse(output);
    return this.#kept.credential;
  }

  #parse(output: string): KeptCredential {
    const answer = parseJson(output);
    if (!isRecord(answer)) throw this.#fault('printed no JSON object');
    const { apiVersion, status } = answer;
    if (apiVersion !== this.#plugin.apiVersion) {
      const actual = typeof apiVersion === 'string' ? JSON.stringify(apiVersion.slice(0, 100)) : 'no version';
      throw this.#fault(`answered in ${actual}, the kubeconfig asks for "${this.#plugin.apiVersion}"`);
    }
    if (!isRecord(status)) throw this.#fault('answered without a status');
    const token = textOf(status['token']);
    const chain = textOf(status['clientCertificateData']);
    const key = textOf(status['clientKeyData']);
    if ((chain === '') !== (key === '')) throw this.#fault('answered with only a certificate or only a key');
    if (token === '' && chain === '') throw this.#fault('answered without a token or certificate');
    if (/[^\x21-\x7e]/.test(token)) throw this.#fault('answered with a token that no header can carry');
    return {
      credential: {
        authorization: token === '' ? null : `Bearer ${token}`,
        certificate: chain === '' ? null : { chain, key },
      },
      expiresMs: this.#parseExpiry(status['expirationTimestamp']),
    };
  }

  #parseExpiry(value: unknown): number {
    if (value === undefined || value === null) return Number.POSITIVE_INFINITY;
    const expiresMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(expiresMs)) throw this.#fault('answered with an expirationTimestamp that is no time');
    return expiresMs;
  }

  #fault(message: string): CredentialError {
    return new CredentialError(`the credential program ${JSON.stringify(this.#plugin.command)} ${message}`);
  }
}

interface ExecFailure {
  readonly code?: string | number | null;
  readonly killed?: boolean;
  readonly signal?: string | null;
}

function renderFailure(error: Error, stderr: string, { installHint }: ExecPlugin, timeoutMs: number): string {
  const { code, killed, signal } = error as Error & ExecFailure;
  if (code === 'ENOENT') return `was not found${installHint === '' ? '' : `: ${firstLine(installHint)}`}`;
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `printed more than ${maxOutputBytes} bytes`;
  if (killed === true) return `did not end within ${timeoutMs} ms`;
  const complaint = firstLine(stderr);
  const ending = signal == null ? `ended with ${String(code)}` : `was ended by ${signal}`;
  return complaint === '' ? ending : `${ending}: ${complaint}`;
}

function firstLine(text: string): string {
  return (text.trim().split('\n', 1)[0] ?? '').replace(/\p{C}/gu, ' ').slice(0, maxComplaintChars);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
