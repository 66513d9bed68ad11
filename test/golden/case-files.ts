// A golden case on disk: test/golden/TOPIC/CASE/ with input.yaml (plain manifests, fit for kubectl), requests.yaml, the two goldens, and
// where the defaults do not fit options.yaml (members of TranslateOptions). Reads cases and translates their input.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import {
  defaultPrefixes,
  features,
  noQuirks,
  type QuirkName,
  type QuirkSet,
} from '../../src/features/index.ts';
import { decodeObject, expandLists, type KubeObject, renderFieldErrorBody } from '../../src/kube/index.ts';
import { type Problem, renderObjectRef, type RouteTable } from '../../src/model/index.ts';
import { translate, type TranslateOptions } from '../../src/translate/index.ts';
import { refOf } from '../../src/sources/index.ts';
import { deepFreeze } from '../deep-freeze.ts';

export const goldenRoot = import.meta.dirname;

/** The time of all cases: 2027-01-01. */
export const goldenNowMs = Date.UTC(2027, 0, 1);

export interface GoldenCase {
  /** `TOPIC/CASE`. */
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
}

/** What the manifests of a case hold: objects in order, frozen to the last member, and lines about those that are none. */
export interface CaseInput {
  readonly objects: readonly KubeObject[];
  readonly refusals: readonly string[];
}

/** All cases, sorted by name. Files beside the folders of topics belong to the runner. */
export function listCases(): GoldenCase[] {
  const foldersIn = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  return foldersIn(goldenRoot).flatMap((topic) =>
    foldersIn(join(goldenRoot, topic)).map((name) => {
      const folder = join(goldenRoot, topic, name);
      return { name: `${topic}/${name}`, folder, files: readdirSync(folder).sort() };
    }),
  );
}

/** Files outside of cases that are not the runner's own. */
export function listStrayFiles(): string[] {
  return readdirSync(goldenRoot, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return /\.ts$|^README\.md$/.test(entry.name) ? [] : [entry.name];
    return readdirSync(join(goldenRoot, entry.name), { withFileTypes: true })
      .filter((inner) => !inner.isDirectory())
      .map((inner) => join(entry.name, inner.name));
  });
}

/** A case's manifests, read as `sallyport up` reads them: YAML 1.1, lists opened, decoded, converted, defaulted, validated. */
export function readInput(folder: string): CaseInput {
  const text = readFileSync(join(folder, 'input.yaml'), 'utf8');
  const objects: KubeObject[] = [];
  const refusals: string[] = [];
  for (const document of parseAllDocuments(text, { version: '1.1' })) {
    assert.deepEqual(document.errors, [], `${folder}/input.yaml`);
    for (const raw of expandLists(document.toJS())) {
      const result = decodeObject(raw, { defaultNamespace: 'default', allowLoopback: true, strict: false });
      const ref = renderObjectRef(result.kind === 'object' ? refOf(result.object) : result.ref);
      for (const warning of result.warnings) refusals.push(`warning ${ref}: ${warning}`);
      if (result.kind === 'object') objects.push(deepFreeze(result.object));
      if (result.kind !== 'invalid') continue;
      for (const error of result.decodeErrors) refusals.push(`invalid ${ref}: ${error}`);
      for (const error of result.errors)
        refusals.push(`invalid ${ref} ${error.field}: ${renderFieldErrorBody(error)}`);
    }
  }
  return { objects, refusals };
}

/** The options that a standalone run has, with what the case changes. */
export function readOptions({ folder, files }: GoldenCase): TranslateOptions {
  const defaults: TranslateOptions = {
    controllerName: 'sallyport.dev/ingress-controller',
    ingressClassAnnotation: 'sallyport',
    watchIngressWithoutClass: true,
    ingressClassByName: false,
    disableCatchAll: false,
    disableExternalName: false,
    passesTls: false,
    tcpServices: null,
    udpServices: null,
    configMap: null,
    defaultBackendService: null,
    defaultCertificate: null,
    challengeSecret: null,
    annotationPrefixes: defaultPrefixes,
    allowLoopbackEndpoints: true,
    ownListeners: [],
    place: { zone: '', node: '' },
    features,
    quirks: noQuirks,
  };
  if (!files.includes('options.yaml')) return defaults;
  const changes: unknown = parse(readFileSync(join(folder, 'options.yaml'), 'utf8'));
  assert.ok(typeof changes === 'object' && changes !== null, `${folder}/options.yaml is not a mapping`);
  for (const key of Object.keys(changes))
    assert.ok(key in defaults, `${folder}/options.yaml: unknown option "${key}"`);
  const quirks: QuirkSet = new Set('quirks' in changes ? (changes.quirks as readonly QuirkName[]) : []);
  return { ...defaults, ...changes, quirks };
}

/** The table of a case, for runs through a live proxy. */
export function tableOf(golden: GoldenCase): RouteTable {
  return translate(readInput(golden.folder).objects, readOptions(golden), goldenNowMs).table;
}

/** status.golden: what validation refused, then the problems, one per line. */
export function renderStatus(refusals: readonly string[], problems: readonly Problem[]): string {
  const lines = problems.map(({ severity, code, object, field, message }) => {
    const where = field === '' ? renderObjectRef(object) : `${renderObjectRef(object)} ${field}`;
    return `${severity} ${code} ${where}: ${message}`;
  });
  return [...refusals, ...lines].map((line) => `${line}\n`).join('');
}
