// Protobuf messages as lists of fields, for tests: `{ 2: [message], 4: [text] }` with bytes as they are.

export type Fields = ReadonlyMap<number, readonly (Uint8Array | number)[]>;

export function readFields(bytes: Uint8Array): Fields {
  const fields = new Map<number, (Uint8Array | number)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = varint();
    const values = fields.get(Math.floor(tag / 8)) ?? [];
    fields.set(Math.floor(tag / 8), values);
    if (tag % 8 === 0) values.push(number);
    else {
      values.push(bytes.subarray(at, at + number));
      at += number;
    }
  }
  return fields;
}

/** The messages in a field. */
export function messages(fields: Fields, number: number): Fields[] {
  return (fields.get(number) ?? []).map((value) => {
    if (typeof value === 'number') throw new Error(`field ${number} is a number, wanted a message`);
    return readFields(value);
  });
}

export function texts(fields: Fields, number: number): string[] {
  return (fields.get(number) ?? []).map((value) => Buffer.from(value as Uint8Array).toString());
}

/** Of repeated pairs of name (1) and value (2), the value by its name. */
export function named(fields: Fields, number: number, name: string): Fields {
  const pair = messages(fields, number).find((candidate) => texts(candidate, 1)[0] === name);
  const [value] = pair === undefined ? [] : messages(pair, 2);
  if (value === undefined) throw new Error(`no "${name}" in field ${number}`);
  return value;
}
