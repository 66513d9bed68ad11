// FailureList: findings with the lines of their files, together with what the source of the files itself has to say.
import type { ObjectRef } from '../../model/index.ts';
import { compareFailures, type FileFailure, type FileLocation } from '../../sources/index.ts';
import type { FileObject } from './file-object.ts';
import type { Finding } from './finding.ts';

export type LocateDocument = (ref: ObjectRef, field: string, apiVersion: string) => FileLocation | null;

interface Located {
  readonly start: FileLocation;
  readonly finding: Finding;
  readonly failure: FileFailure;
}

export class FailureList {
  readonly #locate: LocateDocument;
  /** Looking a field up parses its file, so a line is kept until the document moves. By object. */
  #located = new Map<string, readonly Located[]>();

  constructor(locate: LocateDocument) {
    this.#locate = locate;
  }

  /** Everything that is wrong, sorted by file and line. */
  render(sourceFailures: readonly FileFailure[], objects: Iterable<FileObject>): readonly FileFailure[] {
    const located = new Map<string, readonly Located[]>();
    const failures = [...sourceFailures];
    for (const object of objects) {
      if (object.findings.length === 0) continue;
      const present = this.#locateAll(object);
      located.set(object.key, present);
      for (const { failure } of present) failures.push(failure);
    }
    this.#located = located;
    return failures.sort(compareFailures);
  }

  #locateAll({ key, ref, apiVersion, findings }: FileObject): readonly Located[] {
    const start = this.#locate(ref, '', apiVersion);
    // It is in no file any more; its removal is under way.
    if (start === null) return [];
    const before = this.#located.get(key) ?? [];
    return findings.map((finding) => {
      const known = before.find(
        (one) => one.finding === finding && one.start.file === start.file && one.start.line === start.line,
      );
      if (known !== undefined) return known;
      const { file, line } = this.#locate(ref, finding.field, apiVersion) ?? start;
      return { start, finding, failure: { ...finding, file, line, object: ref } };
    });
  }
}
