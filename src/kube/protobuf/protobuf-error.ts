// ProtobufError: why bytes are no protobuf body of the Kubernetes API, or why a value has no protobuf form.

export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
  /** Where in the body, in bytes; null: a value could not be encoded. */
  readonly offset: number | null;

  constructor(what: string, offset: number | null) {
    super(offset === null ? what : `protobuf: ${what} (at byte ${offset})`);
    this.offset = offset;
  }
}
