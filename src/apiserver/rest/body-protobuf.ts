// Bodies in protobuf: `kubectl create` and Go clients send built-in kinds so.
import { decodeKubeProtobuf, ProtobufError, schemaOf } from '../../kube/index.ts';
import { BodySyntaxError } from './body-text.ts';

/** What a body is taken for that does not say it. */
export interface ExpectedKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The JSON value that the bytes stand for. @throws {BodySyntaxError} */
export function decodeProtobufBody(bytes: Uint8Array, expected: ExpectedKind): unknown {
  try {
    return decodeKubeProtobuf(bytes, schemaOf, expected).value;
  } catch (error) {
    if (error instanceof ProtobufError) throw new BodySyntaxError(error.message);
    throw error;
  }
}
