// buffering: how much of a response's head is taken, and the other annotations about buffers, which are accepted.
import type { AnnotationKey, AnnotationValues, CompileContext, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { readValue } from '../values.ts';
import {
  bufferingKey,
  headSizeKey,
  httpVersionKey,
  pushPreloadKey,
  requestBufferingKey,
  tuningKeys,
} from './keys.ts';

export interface BufferingPolicy {
  readonly maxResponseHeadBytes?: number;
  /** HTTP/1.0 was asked for: endpoints are told to close after each request. */
  readonly closesUpstream?: true;
}

function compile(values: AnnotationValues, { report }: CompileContext): BufferingPolicy | null {
  const note = (key: AnnotationKey, message: string): void => {
    const name = renderKey(key);
    report({
      severity: 'info',
      code: 'AnnotationUnsupported',
      key: name,
      message: `annotation "${name}" ${message}`,
    });
  };
  if (readValue(values, requestBufferingKey) === true)
    note(requestBufferingKey, 'is "on" and has no effect: request bodies are passed on as they come');
  if (readValue(values, bufferingKey) === true)
    note(bufferingKey, 'is "on" and has no effect: responses are passed on as they come');
  if (readValue(values, pushPreloadKey) === true) note(pushPreloadKey, 'has no effect: nothing is pushed');
  const headSize = readValue(values, headSizeKey);
  const isOld = readValue(values, httpVersionKey) === '1.0';
  if (isOld) note(httpVersionKey, 'is "1.0": endpoints get HTTP/1.1 with "Connection: close"');
  if (headSize === undefined && !isOld) return null;
  return {
    ...(headSize !== undefined && { maxResponseHeadBytes: headSize.bytes }),
    ...(isOld && { closesUpstream: true }),
  };
}

export const buffering: Feature = defineFeature<BufferingPolicy>({
  name: 'buffering',
  doc: 'Bounds the heads of responses, and says what becomes of the annotations about buffers of nginx. Bodies are streamed in both directions, with bounded memory and back-pressure.',
  keys: [headSizeKey, requestBufferingKey, bufferingKey, httpVersionKey, pushPreloadKey, ...tuningKeys],
  after: [],
  compile,
  settings: ({ maxResponseHeadBytes, closesUpstream }) => ({
    ...(maxResponseHeadBytes !== undefined && { maxResponseHeadBytes }),
    ...(closesUpstream === true && { connectionField: 'close' }),
  }),
  describe: ({ maxResponseHeadBytes, closesUpstream }) =>
    [
      maxResponseHeadBytes === undefined
        ? ''
        : `refuse heads of responses over ${maxResponseHeadBytes} bytes`,
      closesUpstream === true ? 'send Connection "close"' : '',
    ]
      .filter((part) => part !== '')
      .join(', '),
});
