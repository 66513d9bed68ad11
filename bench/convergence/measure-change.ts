// One change among many objects: from the API server's reply until the first answer by the new rule has arrived. The poller keeps
// one connection all the while and asks as soon as it has its answer; it asks nothing before the reply.
import { setTimeout as pause } from 'node:timers/promises';
import { CoreWatch } from '../macro/core-watch.ts';
import type { Cores } from '../macro/cores.ts';
import { Poller, type PolledAnswer } from '../macro/poller.ts';
import { readTreeCpuSeconds } from '../macro/process-tree.ts';
import type { Change } from './fleet.ts';
import type { ChangeSample, ChangeSeries } from './results.ts';
import type { Subject } from './subject.ts';
import { compareUsage } from './usage.ts';

/** Changes at the beginning that are not counted: the code is not compiled yet. */
const warmUps = 20;
/** Between two changes, of varying length so that they do not keep step with any timer. */
const pauseMs = { least: 15, most: 35 } as const;
const giveUpMs = 10_000;

function isBefore({ letterBefore }: Change, { status, body }: PolledAnswer): boolean {
  return letterBefore === null ? status === 404 : status === 200 && body.startsWith(letterBefore);
}

function isAfter({ letter }: Change, { status, body }: PolledAnswer): boolean {
  return status === 200 && body.startsWith(letter);
}

/** Throws when the old rule is not what is served before, or the new one does not come. */
export async function changeOnce(poller: Poller, change: Change): Promise<ChangeSample> {
  const { host, path } = change;
  const before = await poller.exchange(host, path);
  if (!isBefore(change, before))
    throw new Error(
      `${host}${path} was answered with ${before.status} "${before.body.slice(0, 1)}" before the change`,
    );
  const { replyMs, repliedMs } = await change.apply();
  for (;;) {
    const answer = await poller.exchange(host, path);
    const servedMs = performance.now() - repliedMs;
    if (isAfter(change, answer)) return { replyMs, servedMs };
    if (!isBefore(change, answer))
      throw new Error(`${host}${path} was answered with ${answer.status} during the change`);
    if (servedMs > giveUpMs)
      throw new Error(`The change of ${host}${path} did not show within ${giveUpMs / 1_000} s`);
  }
}

export interface SeriesSpec {
  readonly subject: Subject;
  readonly cores: Cores;
  readonly count: number;
  /** The change number so and so. */
  readonly change: (step: number) => Change;
}

export async function measureChanges({ subject, cores, count, change }: SeriesSpec): Promise<ChangeSeries> {
  const poller = await Poller.open(subject.httpPort);
  try {
    for (let step = 0; step < warmUps; step += 1) await changeOnce(poller, change(step));
    const watch = new CoreWatch(cores.proxy);
    const loadWatch = new CoreWatch(cores.load);
    const treeBefore = readTreeCpuSeconds(process.pid);
    const before = subject.usage();
    const samples: ChangeSample[] = [];
    for (let step = 0; step < count; step += 1) {
      await pause(pauseMs.least + Math.random() * (pauseMs.most - pauseMs.least));
      samples.push(await changeOnce(poller, change(warmUps + step)));
    }
    const after = subject.usage();
    const treeSeconds = readTreeCpuSeconds(process.pid) - treeBefore;
    const usage = compareUsage(before, after);
    const subjectSeconds = usage.seconds * (usage.primaryShare + usage.workerShare);
    const loadShares = loadWatch.end(treeSeconds - subjectSeconds);
    return { samples, usage, shares: watch.end(subjectSeconds), loadShares };
  } finally {
    poller.close();
  }
}
