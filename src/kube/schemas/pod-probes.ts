// What is run in or asked of a container: probes and lifecycle hooks.
import {
  atomicList,
  field,
  int32,
  int64,
  intOrString,
  pointer,
  required,
  structOf,
  text,
  textOf,
  within,
} from '../schema.ts';
import type { Member, StructSchema } from '../schema.ts';

const execAction: StructSchema = structOf('v1.ExecAction', {
  command: field(1, atomicList(text)),
});

const httpHeader: StructSchema = structOf('v1.HTTPHeader', {
  name: required(1, text),
  value: required(2, text),
});

const httpGetAction: StructSchema = structOf('v1.HTTPGetAction', {
  path: field(1, text),
  port: required(2, intOrString),
  host: field(3, text),
  scheme: field(4, textOf('v1.URIScheme')),
  httpHeaders: field(5, atomicList(httpHeader)),
});

const tcpSocketAction: StructSchema = structOf('v1.TCPSocketAction', {
  port: required(1, intOrString),
  host: field(2, text),
});

const grpcAction: StructSchema = structOf('v1.GRPCAction', {
  port: required(1, int32),
  service: pointer(2, text),
});

const probeHandler: Readonly<Record<string, Member>> = {
  exec: field(1, execAction),
  httpGet: field(2, httpGetAction),
  tcpSocket: field(3, tcpSocketAction),
  grpc: field(4, grpcAction),
};

export const probe: StructSchema = structOf('v1.Probe', {
  ...within(1, 'ProbeHandler', probeHandler),
  initialDelaySeconds: field(2, int32),
  timeoutSeconds: field(3, int32),
  periodSeconds: field(4, int32),
  successThreshold: field(5, int32),
  failureThreshold: field(6, int32),
  terminationGracePeriodSeconds: pointer(7, int64),
});

const sleepAction: StructSchema = structOf('v1.SleepAction', {
  seconds: required(1, int64),
});

const lifecycleHandler: StructSchema = structOf('v1.LifecycleHandler', {
  exec: field(1, execAction),
  httpGet: field(2, httpGetAction),
  tcpSocket: field(3, tcpSocketAction),
  sleep: field(4, sleepAction),
});

export const lifecycle: StructSchema = structOf('v1.Lifecycle', {
  postStart: field(1, lifecycleHandler),
  preStop: field(2, lifecycleHandler),
  stopSignal: pointer(3, textOf('v1.Signal')),
});
