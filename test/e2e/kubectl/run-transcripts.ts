// Types transcripts with every kubectl found, against one `sallyport up`, and compares what the terminal shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ensureKubectls } from '../../../tools/ensure-kubectl.ts';
import type { Kubectl } from '../../../tools/ensure-kubectl.ts';
import { openShell, readKubeconfig } from './shell.ts';
import { startControlledUp } from './start-controlled-up.ts';
import type { ControlledUp } from './start-controlled-up.ts';
import { lookupOutput, parseTranscript } from './transcript.ts';

/** Part of a name: only transcripts that have it are run. */
const wanted = process.env['SALLYPORT_TRANSCRIPT'] ?? '';

/** Steps wait for one another, transcripts do not. */
const concurrency = 4;

export function runTranscripts(names: readonly string[]): void {
  const kubectls = ensureKubectls();
  const chosen = names.filter((name) => name.includes(wanted));
  if (chosen.length === 0) return;
  describe('transcripts', { concurrency }, () => {
    let up: ControlledUp;
    before(async () => {
      // Ingresses without a class are nobody's, as in a cluster: nothing then writes to them between two commands.
      up = await startControlledUp({ flags: ['--watch-ingress-without-class=false'] });
    });
    after(() => up.remove());
    for (const name of chosen) {
      for (const kubectl of kubectls) {
        it(`${name} with kubectl 1.${kubectl.minor}`, async () => {
          const differences = await typeTranscript(name, kubectl, readKubeconfig(up.kubeconfig));
          assert.ok(differences.length === 0, differences.join('\n\n'));
        });
      }
    }
  });
}

/** The steps that show something else, told. */
async function typeTranscript(
  name: string,
  kubectl: Kubectl,
  kubeconfig: string,
): Promise<readonly string[]> {
  const text = readFileSync(join(import.meta.dirname, 'transcripts', `${name}.txt`), 'utf8');
  const { files, steps } = parseTranscript(text);
  const shell = await openShell({ kubectl, kubeconfig, files });
  const differences: string[] = [];
  try {
    for (const step of steps) {
      if (kubectl.minor < step.from || kubectl.minor >= step.before) continue;
      // One after the other, as they are typed.
      const shown = await shell.run(step.command);
      const expected = lookupOutput(step, kubectl.minor);
      if (shown === expected) continue;
      differences.push(
        `${name}.txt:${step.line} $ ${step.command}\nshows:\n${shown}\ninstead of:\n${expected}`,
      );
    }
  } finally {
    shell.remove();
  }
  return differences;
}
