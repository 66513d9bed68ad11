// The commands of the guides, typed: the terminal shows what the guides say. `SALLYPORT_RECORD=1` writes down what it shows instead.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSteps, writeOutputs } from './guide-blocks.ts';
import { startWorld, worlds } from './world.ts';

const isRecording = process.env['SALLYPORT_RECORD'] === '1';
const guides = readdirSync(join(import.meta.dirname, '../../../docs/guides')).sort();

for (const name of worlds) {
  test(`what guides show of the world "${name}" is so`, { timeout: 300_000 }, async (t) => {
    const world = await startWorld(t, name);
    const differences: string[] = [];
    let typed = 0;
    for (const guide of guides) {
      const steps = readSteps(guide, name);
      const outputs = new Map<number, string>();
      for (const { line, command, output } of steps) {
        // One after the other, as they are typed.
        const shown = await world.type(command);
        typed += 1;
        outputs.set(line, shown);
        if (shown !== output)
          differences.push(`${guide}:${line} $ ${command}\nshows:\n${shown}\ninstead of:\n${output}`);
      }
      if (isRecording) writeOutputs(guide, steps, outputs);
    }
    assert.ok(typed > 0, 'no guide has a command for it');
    if (!isRecording) assert.deepEqual(differences, [], differences.join('\n\n'));
    t.diagnostic(`${typed} commands`);
  });
}
