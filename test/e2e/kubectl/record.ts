// Writes into transcripts what the cluster of KUBECONFIG answers: `KUBECONFIG=… node test/e2e/kubectl/record.ts WORD…` takes those
// whose names hold one of the words. Meant for a real kube-apiserver; what it says is then what ours has to say.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ensureKubectls } from '../../../tools/ensure-kubectl.ts';
import { openShell, readKubeconfig } from './shell.ts';
import { parseTranscript, renderStep } from './transcript.ts';
import type { Output, Step, Transcript } from './transcript.ts';

const words = process.argv.slice(2);
const kubeconfig = readKubeconfig(process.env['KUBECONFIG'] ?? '');
const kubectls = ensureKubectls();

/** One kubectl through all steps: its outputs by step. */
async function recordOne(
  transcript: Transcript,
  kubectl: (typeof kubectls)[number],
): Promise<ReadonlyMap<Step, string>> {
  const shell = await openShell({ kubectl, kubeconfig, files: transcript.files });
  const outputs = new Map<Step, string>();
  for (const step of transcript.steps) {
    if (kubectl.minor < step.from || kubectl.minor >= step.before) continue;
    // One after the other, as they are typed.
    outputs.set(step, await shell.run(step.command));
  }
  shell.remove();
  return outputs;
}

for (const path of globSync(`${import.meta.dirname}/transcripts/*.txt`)) {
  if (words.length > 0 && !words.some((word) => basename(path).includes(word))) continue;
  const transcript = parseTranscript(readFileSync(path, 'utf8'));
  const recorded = new Map<Step, Output[]>(transcript.steps.map((step) => [step, []]));
  for (const kubectl of kubectls) {
    for (const [step, text] of await recordOne(transcript, kubectl)) {
      const outputs = recorded.get(step) ?? [];
      if (outputs.at(-1)?.text !== text)
        outputs.push({ since: outputs.length === 0 ? 0 : kubectl.minor, text });
    }
  }
  const steps = transcript.steps.map((step) => renderStep(step, recorded.get(step) ?? []));
  writeFileSync(path, `${transcript.head.trimEnd()}\n\n${steps.join('\n')}`);
  console.log(`recorded ${basename(path)} with ${kubectls.length} kubectls`);
}
