// Bodies of the corpus: objects that are made of templates by setting single values, and texts with variables in them.

export type JsonObject = Readonly<Record<string, unknown>>;
export type Templates = Readonly<Record<string, JsonObject>>;

/** In place of a value: the member goes. */
const removed = '$remove';

/** A body as written: `{$base: NAME, POINTER: VALUE, ...}` is the template with changes, anything else itself; `set` changes more. */
export function buildBody(body: unknown, templates: Templates, set: JsonObject = {}): unknown {
  let built = structuredClone(body);
  if (isObject(body) && typeof body['$base'] === 'string') {
    const { $base, ...changes } = body;
    const template = templates[$base];
    if (template === undefined) throw new Error(`there is no template "${$base}"`);
    built = changeValues(buildBody(template, templates), changes);
  }
  return changeValues(built, set);
}

function changeValues(value: unknown, changes: JsonObject): unknown {
  let changed = value;
  for (const [pointer, member] of Object.entries(changes))
    changed = setAt(changed, segmentsOf(pointer), member);
  return changed;
}

/** `a/b~1c/0`: a JSON pointer without its first slash. */
export function segmentsOf(pointer: string): string[] {
  return pointer.split('/').map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function setAt(target: unknown, [first = '', ...rest]: readonly string[], value: unknown): unknown {
  if (Array.isArray(target)) {
    const items: unknown[] = [...(target as unknown[])];
    const index = Number(first);
    if (rest.length === 0 && value === removed) items.splice(index, 1);
    else items[index] = rest.length === 0 ? value : setAt(items[index], rest, value);
    return items;
  }
  const object: Record<string, unknown> = isObject(target) ? { ...target } : {};
  if (rest.length > 0) object[first] = setAt(object[first], rest, value);
  else if (value === removed) delete object[first];
  else object[first] = value;
  return object;
}

export function valueAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const segment of segmentsOf(pointer)) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.hasOwn(found, segment) ? (found as JsonObject)[segment] : undefined;
  }
  return found;
}

/** `${name}` becomes the variable's text, in keys too. @throws {Error} there is no such variable. */
export function fillVariables<Value>(value: Value, variables: Readonly<Record<string, string>>): Value {
  return fill(value, variables) as Value;
}

function fill(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return fillText(value, variables);
  if (Array.isArray(value)) return value.map((item) => fill(item, variables));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, member]) => [
    fillText(key, variables),
    fill(member, variables),
  ]);
  return Object.fromEntries(entries) as JsonObject;
}

function fillText(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{([\w-]+)(?:\*(\d+))?\}/g, (_, name: string, times?: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (times !== undefined) return name.repeat(Number(times));
    if (value === undefined) throw new Error(`there is no variable "${name}"`);
    return fillText(value, variables);
  });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
