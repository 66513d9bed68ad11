// The schemas against what Kubernetes 1.36 publishes: `published.txt` lists, from its Go types and its OpenAPI document, each
// member of each struct as `struct member protobuf-number type flags…` (`2/1`: number 1 within the message 2).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kindSchemas, schemaOf } from '../../../src/kube/index.ts';
import type { Member, Schema, StructSchema } from '../../../src/kube/index.ts';

interface Published {
  readonly kinds: ReadonlyMap<string, string>;
  readonly structs: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly atomic: ReadonlySet<string>;
}

function readPublished(): Published {
  const kinds = new Map<string, string>();
  const structs = new Map<string, Map<string, string>>();
  const atomic = new Set<string>();
  const lines = readFileSync(new URL('published.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  for (const line of lines) {
    const [first = '', second = '', ...rest] = line.split(' ');
    if (first === 'kind') kinds.set(`${second} ${rest[0]}`, rest[1] ?? '');
    else if (second === 'is') atomic.add(first);
    else {
      const members = structs.get(first) ?? new Map<string, string>();
      members.set(second, rest.join(' '));
      structs.set(first, members);
    }
  }
  return { kinds, structs, atomic };
}

const published = readPublished();

/** The type as `published.txt` names it; structs are named by the file, since a schema knows only the end of the name. */
function typeText(schema: Schema, structName: string): string {
  if (schema.shape === 'struct') return structName;
  if (schema.shape === 'list') return `list ${typeText(schema.items, structName)}`;
  if (schema.shape === 'scalar') return schema.scalar;
  return schema.values.shape === 'list' ? 'map list' : `map ${typeText(schema.values, structName)}`;
}

function mergeFlags(schema: Schema): string[] {
  if (schema.shape === 'map') return schema.isAtomic === true ? ['type=atomic'] : [];
  if (schema.shape !== 'list' || schema.merge === undefined) return [];
  const { listType, mapKeys, patchMergeKey } = schema.merge;
  return [
    `type=${listType}`,
    ...(mapKeys === undefined ? [] : [`keys=${mapKeys.join(',')}`]),
    ...(patchMergeKey === undefined ? [] : [`patch=${patchMergeKey}`]),
  ];
}

function memberText(member: Member, structName: string): string {
  const { proto, protoWithin, schema } = member;
  const number =
    proto === undefined ? '-' : protoWithin === undefined ? `${proto}` : `${protoWithin}/${proto}`;
  return [
    number,
    typeText(schema, structName),
    ...(member.isRequired === true ? ['required'] : []),
    ...(member.isPointer === true ? ['pointer'] : []),
    ...mergeFlags(schema),
  ].join(' ');
}

function structOfSchema(schema: Schema): StructSchema | null {
  if (schema.shape === 'struct') return schema;
  if (schema.shape === 'scalar') return null;
  return structOfSchema(schema.shape === 'list' ? schema.items : schema.values);
}

/** What differs between a schema and the published struct, and all structs below. */
function differences(name: string, schema: StructSchema, seen: Set<string>): string[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const wanted = published.structs.get(name) ?? new Map<string, string>();
  const found: string[] = [];
  if (published.atomic.has(name) !== (schema.isAtomic === true)) found.push(`${name}: atomic or not`);
  const names = [...schema.members.keys()].filter((member) => member !== 'apiVersion' && member !== 'kind');
  const wantedNames = [...wanted.keys()].filter((member) => member !== 'apiVersion' && member !== 'kind');
  if (names.join() !== wantedNames.join())
    found.push(`${name}: members ${names.join()}, wanted ${wantedNames.join()}`);
  for (const [memberName, text] of wanted) {
    const member = schema.members.get(memberName);
    if (member === undefined) continue;
    const childName = /\bio\.k8s\.\S+/.exec(text)?.[0] ?? '';
    const actual = memberText(member, childName);
    if (actual !== text) found.push(`${name}.${memberName}: ${actual}, wanted ${text}`);
    const child = structOfSchema(member.schema);
    if (child !== null) found.push(...differences(childName, child, seen));
  }
  return found;
}

test('every published kind has a schema, and every schema is published', () => {
  assert.deepEqual(
    kindSchemas.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`).sort(),
    [...published.kinds.keys()].sort(),
  );
});

for (const [key, name] of published.kinds) {
  test(`${key}: members, numbers, list types and merge keys are the published ones`, () => {
    const [apiVersion = '', kind = ''] = key.split(' ');
    const schema = schemaOf(apiVersion, kind);
    assert(schema !== undefined);
    assert.deepEqual(differences(name, schema, new Set()), []);
  });
}

test('DeleteOptions is known in every version, other kinds in theirs only', () => {
  assert.equal(schemaOf('networking.k8s.io/v1', 'DeleteOptions'), schemaOf('v1', 'DeleteOptions'));
  assert.equal(schemaOf('networking.k8s.io/v1', 'Service'), undefined);
  assert.equal(schemaOf('__proto__', 'constructor'), undefined);
});
