// Cold start: everything is stored, the process is gone; from the start of the process until /readyz is 200.
import { fleetHost } from '../macro/manifests.ts';
import { ask } from '../macro/probe.ts';
import { stablePath } from './objects.ts';
import type { StartResult } from './results.ts';
import type { Subject } from './subject.ts';

export async function measureStart(
  subject: Subject,
  ingresses: number,
  rounds: number,
): Promise<StartResult> {
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await subject.crash();
    seconds.push(await subject.start());
    const { primaryCpuSeconds, workerCpuSeconds } = subject.usage();
    cpuSeconds.push(primaryCpuSeconds + workerCpuSeconds);
    const url = `http://127.0.0.1:${subject.httpPort}${stablePath}`;
    const { status } = await ask(url, fleetHost(ingresses - 1));
    if (status !== 200) throw new Error(`Ready, but the last Ingress is answered with ${status}`);
  }
  return { setting: subject.setting, ingresses, seconds, cpuSeconds };
}
