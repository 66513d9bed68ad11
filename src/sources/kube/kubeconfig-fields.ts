// KubeconfigFields: the members of one mapping in a kubeconfig, read with the checks that every field needs. Errors name file
// and field, never a value: any of them may be a secret.
import { dirname, resolve } from 'node:path';

/** A kubeconfig cannot be used. Names file, context and field. */
export class KubeconfigError extends Error {}

export class KubeconfigFields {
  /** Path of the file. */
  readonly file: string;
  /** Field path of this mapping, e.g. `clusters["main"].cluster`; empty for the document. */
  readonly path: string;
  readonly #members: ReadonlyMap<string, unknown>;

  constructor(file: string, path: string, value: unknown) {
    this.file = file;
    this.path = path;
    if (value === null || value === undefined) this.#members = new Map();
    else if (isMapping(value)) this.#members = new Map(Object.entries(value));
    else throw this.fault('', 'a mapping is wanted');
  }

  /** The same with these members in place of its own. */
  withTexts(members: Readonly<Record<string, string>>): KubeconfigFields {
    return new KubeconfigFields(this.file, this.path, { ...Object.fromEntries(this.#members), ...members });
  }

  has(name: string): boolean {
    const value = this.#members.get(name);
    return value !== undefined && value !== null && value !== '';
  }

  /** Empty when absent. */
  text(name: string): string {
    const value = this.#members.get(name) ?? '';
    if (typeof value === 'string') return value;
    // A word such as `true` is a text where a text is wanted.
    if (typeof value === 'boolean') return String(value);
    throw this.fault(name, 'a text is wanted');
  }

  flag(name: string): boolean {
    const value = this.#members.get(name) ?? false;
    if (typeof value === 'boolean') return value;
    // YAML 1.1 has more words.
    if (typeof value === 'string' && /^(?:yes|no|on|off)$/i.test(value)) return /^(?:yes|on)$/i.test(value);
    throw this.fault(name, 'true or false is wanted');
  }

  texts(name: string): string[] {
    return this.#list(name).map((item, index) => {
      if (typeof item === 'string') return item;
      if (typeof item === 'boolean') return String(item);
      throw this.fault(`${name}[${index}]`, 'a text is wanted');
    });
  }

  child(name: string): KubeconfigFields {
    return new KubeconfigFields(this.file, this.#join(name), this.#members.get(name));
  }

  children(name: string): KubeconfigFields[] {
    return this.#list(name).map(
      (item, index) => new KubeconfigFields(this.file, this.#join(`${name}[${index}]`), item),
    );
  }

  /** A path, relative to the kubeconfig's folder; empty when absent. */
  filePath(name: string): string {
    const text = this.text(name);
    return text === '' ? '' : resolve(dirname(resolve(this.file)), text);
  }

  /** Base64 text, decoded; empty when absent. */
  data(name: string): string {
    const text = this.text(name).replace(/\s/g, '');
    if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw this.fault(name, 'not base64');
    return Buffer.from(text, 'base64').toString('utf8');
  }

  names(): string[] {
    return [...this.#members.keys()];
  }

  raw(name: string): unknown {
    return this.#members.get(name);
  }

  fault(name: string, message: string): KubeconfigError {
    const field = name === '' ? this.path : this.#join(name);
    return new KubeconfigError(
      `kubeconfig ${JSON.stringify(this.file)}: ${field === '' ? '' : `${field}: `}${message}`,
    );
  }

  #join(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  #list(name: string): readonly unknown[] {
    const value = this.#members.get(name) ?? [];
    if (Array.isArray(value)) return value;
    throw this.fault(name, 'a list is wanted');
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
