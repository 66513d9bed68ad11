// Sequences of writes held against what a real kube-apiserver answered to them (recorded.golden).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeStructure, isJsonObject, objectMeta, schemaOf, type StructSchema } from '../../kube/index.ts';
import { atomicMap, free, int64, mapList, setList, structOf, text } from '../../kube/schema.ts';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMerge,
  type JsonObject,
  PatchError,
  refusedPatch,
} from '../patch/index.ts';
import {
  applyConfiguration,
  renderConflicts,
  trackUpdate,
  withManagedFields,
  type WriteScope,
} from './index.ts';

interface Step {
  readonly do: 'create' | 'put' | 'apply' | 'json' | 'merge' | 'smp';
  readonly by: string;
  readonly force?: boolean;
  readonly sub?: string;
  readonly body: unknown;
  readonly status: number;
  readonly message?: string;
  readonly causes?: readonly { readonly field: string }[];
  readonly after: Recorded | null;
}

interface Recorded extends JsonObject {
  readonly metadata: JsonObject;
  readonly managedFields?: readonly { readonly time?: string }[];
}

interface Sequence {
  readonly sequence: string;
  readonly kind: string;
  readonly steps: readonly Step[];
}

function readSequences(): readonly Sequence[] {
  const lines = readFileSync(new URL('recorded.golden', import.meta.url), 'utf8').split('\n');
  const out: { sequence: string; kind: string; steps: Step[] }[] = [];
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const value = JSON.parse(line) as Step & { readonly sequence?: string; readonly kind: string };
    if (value.sequence === undefined) out.at(-1)?.steps.push(value);
    else out.push({ sequence: value.sequence, kind: value.kind, steps: [] });
  }
  return out;
}

const widget = structOf('v1.Widget', {
  apiVersion: text,
  kind: text,
  metadata: objectMeta,
  spec: structOf('v1.WidgetSpec', {
    size: int64,
    free,
    items: mapList(structOf('v1.Item', { id: text, v: int64 }), ['id']),
    tags: setList(text),
    whole: atomicMap(int64),
  }),
});

const apiVersions: Readonly<Record<string, string>> = {
  ConfigMap: 'v1',
  Service: 'v1',
  Ingress: 'networking.k8s.io/v1',
  Deployment: 'apps/v1',
  Widget: 'probe.example/v1',
};
const untrackedOf: Readonly<Record<string, readonly string[]>> = {
  Service: ['status'],
  Ingress: ['status'],
  Deployment: ['status'],
};
/** What the server chose after it had noted who wrote what. */
const allocated = new Set(['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'nodePort']);

function withoutAllocated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAllocated);
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !allocated.has(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutAllocated(member)]));
}

/** Without nulls and empty objects, which decoding and printing leave out. */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, compact(member)] as const);
  const isEmpty = (member: unknown): boolean => isJsonObject(member) && Object.keys(member).length === 0;
  return Object.fromEntries(members.filter(([, member]) => member !== null && !isEmpty(member)));
}

/** Whether everything of ours is in the recorded object; what more is there are defaults. */
function isWithin(ours: unknown, theirs: unknown): boolean {
  if (isJsonObject(ours)) {
    return (
      isJsonObject(theirs) && Object.entries(ours).every(([name, member]) => isWithin(member, theirs[name]))
    );
  }
  if (!Array.isArray(ours)) return Object.is(ours, theirs);
  return (
    Array.isArray(theirs) &&
    ours.length === theirs.length &&
    ours.every((item, i) => isWithin(item, theirs[i]))
  );
}

class Replay {
  readonly #kind: string;
  readonly #schema: StructSchema;
  #live: JsonObject | null = null;

  constructor(kind: string) {
    this.#kind = kind;
    const schema = kind === 'Widget' ? widget : schemaOf(apiVersions[kind] ?? '', kind);
    assert.ok(schema !== undefined);
    this.#schema = schema;
  }

  get #apiVersion(): string {
    return apiVersions[this.#kind] ?? '';
  }

  step(step: Step): void {
    const after = this.#restore(step.after);
    const expected = step.after?.managedFields ?? [];
    const times = expected.map(({ time }) => Date.parse(time ?? '1970-01-01T00:00:00Z'));
    const scope: WriteScope = {
      apiVersion: this.#apiVersion,
      subresource: step.sub ?? '',
      resetFields: step.sub === 'status' ? ['spec'] : (untrackedOf[this.#kind] ?? []),
      versions: {
        schemaOf: (apiVersion) => (apiVersion === this.#apiVersion ? this.#schema : null),
        toVersion: () => null,
      },
      nowMs: Math.max(0, ...times),
    };
    if (step.do === 'apply') this.#apply(step, scope, after);
    else if (step.status < 400) this.#write(step, scope, after);
    this.#live = after;
  }

  /** The stored object that a recorded one stands for. */
  #restore(recorded: Recorded | null): JsonObject | null {
    if (recorded === null) return null;
    const { managedFields, metadata, ...rest } = recorded;
    const identity = { apiVersion: this.#apiVersion, kind: this.#kind };
    const restored = { ...identity, ...rest, metadata: { ...metadata, uid: 'u-1' } };
    return managedFields === undefined
      ? restored
      : { ...restored, metadata: { ...restored.metadata, managedFields } };
  }

  #apply(step: Step, scope: WriteScope, after: JsonObject | null): void {
    const request = { ...scope, live: this.#live, config: step.body, kind: this.#kind, manager: step.by };
    try {
      const result = applyConfiguration({ ...request, force: step.force === true });
      if (result.kind === 'conflicting') {
        const { message, causes } = renderConflicts(result.conflicts);
        assert.deepEqual([409, message], [step.status, step.message]);
        assert.deepEqual(new Set(causes), new Set(step.causes));
        return;
      }
      // What may be refused still is the validation of the kind.
      if (step.status === 422) return;
      assert.ok(step.status < 300, `applied, want ${step.status} ${step.message ?? ''}`);
      assert.deepEqual(result.managedFields, step.after?.managedFields ?? []);
      assert.equal(result.isUnchanged, compareStored(this.#live, after));
      if (step.sub === undefined) this.#compareObject(result.object, after);
    } catch (error) {
      if (!(error instanceof PatchError)) throw error;
      const { status } = refusedPatch(error);
      assert.equal(status.code, step.status, status.message);
      assert.deepEqual(linesOf(status.message), linesOf(step.message ?? ''));
    }
  }

  #write(step: Step, scope: WriteScope, after: JsonObject | null): void {
    assert.ok(after !== null);
    const isCreate = step.do === 'create';
    const isSent = isCreate || step.do === 'put';
    const patched = isSent ? null : this.#patch(step, this.#live ?? {});
    if (patched !== null && step.sub === undefined) this.#compareObject(patched, after);
    const settled = isCreate ? withoutAllocated(after) : after;
    assert.ok(isJsonObject(settled));
    // The managedFields that the request leaves in the object are those that the tracking begins with.
    const metadata = isJsonObject(patched?.['metadata']) ? patched['metadata'] : {};
    const bare = withManagedFields(settled, []);
    const bareMetadata = isJsonObject(bare['metadata']) ? bare['metadata'] : {};
    const sent = 'managedFields' in metadata ? { managedFields: metadata['managedFields'] } : {};
    const next = { ...bare, metadata: { ...bareMetadata, ...sent } };
    const managedFields = trackUpdate({ ...scope, live: this.#live, next, manager: step.by });
    assert.deepEqual(managedFields, step.after?.managedFields ?? []);
  }

  #patch(step: Step, live: JsonObject): JsonObject {
    if (step.do === 'merge') return applyMergePatch(live, step.body);
    if (step.do === 'smp') return applyStrategicMerge(live, step.body, this.#schema);
    const patched = applyJsonPatch(live, step.body);
    assert.ok(isJsonObject(patched));
    return patched;
  }

  #compareObject(ours: JsonObject, after: JsonObject | null): void {
    const decode = (object: JsonObject): JsonObject =>
      withManagedFields(decodeStructure(object, this.#schema).value, []);
    assert.ok(after !== null);
    const [mine, theirs] = [compact(decode(ours)), compact(decode(after))];
    if (this.#kind === 'ConfigMap')
      assert.deepEqual({ ...asObject(mine), metadata: 0 }, { ...asObject(theirs), metadata: 0 });
    assert.ok(
      isWithin(withoutUid(mine), withoutUid(theirs)),
      `${JSON.stringify(mine)}\n${JSON.stringify(theirs)}`,
    );
  }
}

function asObject(value: unknown): JsonObject {
  assert.ok(isJsonObject(value));
  return value;
}

function withoutUid(value: unknown): unknown {
  const { metadata, ...rest } = asObject(value);
  const { uid: _, ...kept } = asObject(metadata);
  return { ...rest, metadata: kept };
}

/** The real server lists complaints in no particular order. */
function linesOf(message: string): ReadonlySet<string> {
  return new Set(message.split('\n'));
}

function compareStored(live: JsonObject | null, after: JsonObject | null): boolean {
  return JSON.stringify(live) === JSON.stringify(after);
}

for (const { sequence, kind, steps } of readSequences()) {
  test(`recorded: ${sequence}`, () => {
    const replay = new Replay(kind);
    for (const step of steps) replay.step(step);
    assert.ok(steps.length > 1);
  });
}
