// Bodies that kubectl 1.32.4 sent to a recording server (`kubectl-1.32.jsonl`; 1.36 sends the same), with what it prints for the
// same command with `--dry-run=client -o json`, or for questions about oneself, what was asked.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeKubeProtobuf, decodeStructure, schemaOf } from '../../../src/kube/index.ts';
import { withoutNulls } from './go-messages.fixture.ts';

interface Recorded {
  readonly command: string;
  readonly path: string;
  readonly protobuf: string;
  readonly json: Readonly<Record<string, unknown>>;
}

const recorded: readonly Recorded[] = readFileSync(new URL('kubectl-1.32.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

for (const { command, protobuf, json } of recorded) {
  test(command, () => {
    const { apiVersion, kind, value } = decodeKubeProtobuf(Buffer.from(protobuf, 'base64'), schemaOf);
    const schema = schemaOf(apiVersion, kind);
    assert(schema !== undefined);
    const decoded = decodeStructure(value, schema);
    assert.deepEqual([decoded.typeErrors, decoded.unknownFields], [[], []]);
    assert.deepEqual(decoded.value, decodeStructure(withoutNulls(json) as typeof json, schema).value);
  });
}
