// The order of the measures: for each setting one cluster that grows from size to size, then the load, then cold starts.
import { mkdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cores } from '../macro/cores.ts';
import { beginStep, say } from '../macro/progress.ts';
import { projectRoot } from '../macro/sallyport.ts';
import { ApiWriter } from './api-writer.ts';
import type { BackendTypes } from './backend-process.ts';
import { whileChurning } from './churn.ts';
import { startCompanion } from './companion.ts';
import { ConvergenceFleet, type Endpoints } from './fleet.ts';
import { measureAdmission, missingWebhook } from './measure-admission.ts';
import { measureChanges } from './measure-change.ts';
import { measureLoad } from './measure-load.ts';
import { measureStart } from './measure-start.ts';
import type { ConvergenceOptions, MeasureName, SettingName } from './options.ts';
import type { Failure, LoadedResult, SizeResult, StartResult } from './results.ts';
import { Subject } from './subject.ts';
import { compareUsage } from './usage.ts';

export interface Measured {
  readonly sizes: readonly SizeResult[];
  readonly starts: readonly StartResult[];
  readonly loads: readonly LoadedResult[];
  readonly failures: readonly Failure[];
  readonly notes: readonly string[];
}

const writeConnections = 16;
/** Requests are counted at the largest size up to this. */
const loadIngresses = 5_000;
/** The primary is at rest when it uses less of a core than this for a second. */
const restShare = 0.05;
const restTimeoutMs = 90_000;

/** Steps of the progress line. */
export function countSteps({ settings, measures, sizes }: ConvergenceOptions): number {
  const rows = sizes.length * (measuresRows(measures) ? 3 : 1);
  return settings.size * (rows + (measures.has('load') ? 1 : 0) + (measures.has('start') ? 1 : 0));
}

function measuresRows(measures: ReadonlySet<MeasureName>): boolean {
  return measures.has('edit') || measures.has('endpoint') || measures.has('admission');
}

/** An address of this machine that endpoints in a cluster may have; null: there is none. */
function findAddress(): string | null {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const fit = addresses.find(
    ({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'),
  );
  return fit?.address ?? null;
}

/** One setting: its processes, its cluster, and what was measured so far. */
class Sequence {
  readonly sizes: SizeResult[] = [];
  readonly starts: StartResult[] = [];
  readonly loads: LoadedResult[] = [];
  readonly failures: Failure[] = [];
  readonly notes = new Set<string>();
  readonly #options: ConvergenceOptions;
  readonly #cores: Cores;
  readonly #subject: Subject;
  readonly #fleet: ConvergenceFleet;
  readonly #endpoints: Endpoints;

  constructor(
    options: ConvergenceOptions,
    cores: Cores,
    subject: Subject,
    fleet: ConvergenceFleet,
    endpoints: Endpoints,
  ) {
    this.#options = options;
    this.#cores = cores;
    this.#subject = subject;
    this.#fleet = fleet;
    this.#endpoints = endpoints;
  }

  async run(): Promise<void> {
    const { sizes, measures, loadEdits, startRounds } = this.#options;
    const { setting } = this.#subject;
    const loadSize = sizes.filter((size) => size <= loadIngresses).at(-1) ?? sizes[0];
    for (const size of sizes) {
      await this.#grow(size);
      if (measuresRows(measures)) await this.#measureSize();
      if (measures.has('load') && size === loadSize) {
        beginStep(`${setting}: ${loadEdits} changes under load among ${size}`);
        await this.#attempt('load', async () => {
          this.loads.push(await measureLoad(this.#subject, this.#fleet, this.#cores.load, loadEdits));
        });
      }
    }
    if (!measures.has('start')) return;
    beginStep(`${setting}: cold start with ${this.#fleet.size} Ingresses`);
    await this.#attempt('start', async () => {
      this.starts.push(await measureStart(this.#subject, this.#fleet.size, startRounds));
    });
  }

  async #grow(size: number): Promise<void> {
    beginStep(`${this.#subject.setting}: growing to ${size} Ingresses`);
    const startedMs = performance.now();
    await this.#fleet.grow(size);
    await this.#rest();
    const seconds = (performance.now() - startedMs) / 1_000;
    say(`  ${size} Ingresses made and at rest after ${seconds.toFixed(1)} s`);
  }

  /** What follows a write (status, Events) is done. */
  async #rest(): Promise<void> {
    const deadlineMs = performance.now() + restTimeoutMs;
    for (let before = this.#subject.usage(); performance.now() < deadlineMs; ) {
      await pause(1_000);
      const after = this.#subject.usage();
      if (compareUsage(before, after).primaryShare < restShare) return;
      before = after;
    }
    this.notes.add(
      `${this.#subject.setting}: still busy ${restTimeoutMs / 1_000} s after the objects were made`,
    );
  }

  async #measureSize(): Promise<void> {
    const { setting, kubeconfigPath } = this.#subject;
    const { churnPerSecond } = this.#options;
    const { address, port } = this.#endpoints;
    beginStep(`${setting}: changes among ${this.#fleet.size} Ingresses`);
    this.sizes.push({ ...(await this.#measureRow()), churnPerSecond: null });
    beginStep(`${setting}: changes among ${this.#fleet.size} Ingresses under churn`);
    await this.#attempt('edit', async () => {
      const input = { kubeconfigPath, perSecond: churnPerSecond, address, port };
      const churned = await whileChurning(this.#cores.load, input, () => this.#measureRow());
      this.sizes.push({ ...churned.value, churnPerSecond: churned.perSecond });
    });
    await this.#rest();
  }

  async #measureRow(): Promise<Omit<SizeResult, 'churnPerSecond'>> {
    const { edits: count } = this.#options;
    const fleet = this.#fleet;
    const subject = this.#subject;
    // A prime, so that all applications are met, far from each other.
    const indexOf = (step: number): number => (step * 7_919) % fleet.size;
    const spec = { subject, cores: this.#cores, count };
    return {
      setting: subject.setting,
      ingresses: fleet.size,
      edits: await this.#attempt('edit', () =>
        measureChanges({ ...spec, change: (step) => fleet.editIngress(indexOf(step)) }),
      ),
      endpoints: await this.#attempt('endpoint', () =>
        measureChanges({ ...spec, change: (step) => fleet.moveEndpoint(indexOf(step)) }),
      ),
      admissionMs: await this.#attempt('admission', () => this.#measureAdmission()),
    };
  }

  async #measureAdmission(): Promise<readonly number[] | null> {
    const { webhookPort, setting } = this.#subject;
    const missing = await missingWebhook(webhookPort);
    if (missing !== null) this.notes.add(`${setting}: no admission reviews were measured: ${missing}`);
    if (missing !== null || webhookPort === null) return null;
    return await measureAdmission(webhookPort, this.#fleet.size, this.#options.edits);
  }

  /** Null where it is not wanted or failed; what fails is noted, and the rest goes on. */
  async #attempt<T>(measure: MeasureName, action: () => Promise<T>): Promise<T | null> {
    if (!this.#options.measures.has(measure)) return null;
    try {
      return await action();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.failures.push({ setting: this.#subject.setting, measure, message });
      say(`${this.#subject.setting}, ${measure} failed: ${message}`);
      return null;
    }
  }
}

function profilerEnvironment(isProfiled: boolean): Readonly<Record<string, string>> {
  if (!isProfiled) return {};
  const folder = join(projectRoot, 'bench/results/profiles');
  mkdirSync(folder, { recursive: true });
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
}

async function measureSetting(
  options: ConvergenceOptions,
  cores: Cores,
  folder: string,
  setting: SettingName,
  endpoints: Endpoints,
): Promise<Measured> {
  const environment = profilerEnvironment(options.isProfiled);
  const subject = await Subject.start({ setting, folder: join(folder, setting), cores, environment });
  try {
    const api = await ApiWriter.open(subject.kubeconfigPath, writeConnections);
    const sequence = new Sequence(options, cores, subject, new ConvergenceFleet(api, endpoints), endpoints);
    await sequence.run();
    api.close();
    const { sizes, starts, loads, failures, notes } = sequence;
    return { sizes, starts, loads, failures, notes: [...notes] };
  } finally {
    await subject.stop();
  }
}

/** All settings, one after the other. One that fails as a whole is noted, and the others are measured. */
export async function measureSettings(
  options: ConvergenceOptions,
  cores: Cores,
  folder: string,
): Promise<Measured> {
  const found = findAddress();
  const address = found ?? '127.0.0.1';
  const backendPath = join(import.meta.dirname, 'backend-process.ts');
  const backend = await startCompanion<BackendTypes>(cores.load, backendPath, {
    address,
  });
  const all: Measured[] = [];
  for (const setting of options.settings) {
    if (setting === 'controller' && found === null) {
      const note =
        'controller: left out; endpoints in a cluster need an address that is no loopback address, and this machine has none';
      all.push({ sizes: [], starts: [], loads: [], failures: [], notes: [note] });
      continue;
    }
    try {
      all.push(await measureSetting(options, cores, folder, setting, { address, ...backend.ready }));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const failure: Failure = { setting, measure: 'setting', message };
      all.push({ sizes: [], starts: [], loads: [], failures: [failure], notes: [] });
    }
  }
  await backend.stop();
  return {
    sizes: all.flatMap(({ sizes }) => sizes),
    starts: all.flatMap(({ starts }) => starts),
    loads: all.flatMap(({ loads }) => loads),
    failures: all.flatMap(({ failures }) => failures),
    notes: all.flatMap(({ notes }) => notes),
  };
}
