// What is defaulted in kinds that make pods, so far as tables and tools read it (apps, batch, autoscaling, networking, core
// v1/defaults.go). Values in, values out; a member of the wrong type is left to whoever validates it.
import { readList, readObject, readText, readValue, type JsonObject } from './read-value.ts';

/** `object` with members that it does not have. */
function withDefaults(object: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.entries(defaults).filter(([name]) => readValue(object, name) === undefined);
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing) };
}

/** `object` with its member changed, if there is one and it is an object. */
function withMember<Kind extends JsonObject>(
  object: Kind,
  name: string,
  change: (member: JsonObject) => JsonObject,
): Kind {
  const member = readValue(object, name);
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return object;
  return { ...object, [name]: change(member as JsonObject) };
}

const inSpec =
  (change: (spec: JsonObject) => JsonObject) =>
  <Kind extends JsonObject>(object: Kind): Kind =>
    withMember(object, 'spec', change);

const inTemplate = (spec: JsonObject): JsonObject =>
  withMember(spec, 'template', (template) => withMember(template, 'spec', defaultPodSpec));

export const defaultDeployment = inSpec((spec) =>
  inTemplate(
    withDefaults(
      {
        ...spec,
        strategy: defaultRollout(readValue(spec, 'strategy'), { maxUnavailable: '25%', maxSurge: '25%' }),
      },
      { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
    ),
  ),
);

export const defaultDaemonSet = inSpec((spec) =>
  inTemplate(
    withDefaults(
      {
        ...spec,
        updateStrategy: defaultRollout(readValue(spec, 'updateStrategy'), { maxUnavailable: 1, maxSurge: 0 }),
      },
      { revisionHistoryLimit: 10 },
    ),
  ),
);

function defaultRollout(strategy: unknown, rollingUpdate: JsonObject): JsonObject {
  const given = typeof strategy === 'object' && strategy !== null ? (strategy as JsonObject) : {};
  const typed = withDefaults(given, { type: 'RollingUpdate' });
  if (readValue(typed, 'type') !== 'RollingUpdate') return typed;
  return withMember(withDefaults(typed, { rollingUpdate: {} }), 'rollingUpdate', (update) =>
    withDefaults(update, rollingUpdate),
  );
}

export const defaultJob = inSpec((spec) => {
  const isOpen = readValue(spec, 'completions') === undefined && readValue(spec, 'parallelism') === undefined;
  return inTemplate(
    withDefaults(spec, {
      parallelism: 1,
      ...(isOpen ? { completions: 1 } : {}),
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
    }),
  );
});

export const defaultReplicaSet = inSpec((spec) => inTemplate(withDefaults(spec, { replicas: 1 })));

/** What it selects are the labels of its template, if it does not say. */
export const defaultReplicationController = inSpec((spec) => {
  const labels = readObject(spec, 'template', 'metadata', 'labels');
  const selector = Object.keys(labels).length === 0 ? {} : { selector: labels };
  return inTemplate(withDefaults(spec, { replicas: 1, ...selector }));
});

export const defaultStatefulSet = inSpec((spec) =>
  inTemplate(
    withDefaults(spec, {
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: defaultRollout(readValue(spec, 'updateStrategy'), { partition: 0 }),
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    }),
  ),
);

export const defaultCronJob = inSpec((spec) =>
  withDefaults(
    withMember(spec, 'jobTemplate', (template) => withMember(template, 'spec', inTemplate)),
    {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    },
  ),
);

export const defaultPersistentVolume = inSpec((spec) =>
  withDefaults(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }),
);

export const defaultClaim = inSpec((spec) => withDefaults(spec, { volumeMode: 'Filesystem' }));

export const defaultHorizontalPodAutoscaler = inSpec((spec) => withDefaults(spec, { minReplicas: 1 }));

/** A policy is about what comes in, and about what goes out if it says anything of that. */
export const defaultNetworkPolicy = inSpec((spec) => {
  const toPorts = (rule: JsonObject): JsonObject =>
    withItems(rule, 'ports', (port) => withDefaults(port, { protocol: 'TCP' }));
  return withDefaults(withItems(withItems(spec, 'ingress', toPorts), 'egress', toPorts), {
    policyTypes: readList(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'],
  });
});

export const defaultPod = inSpec((spec) => withDefaults(defaultPodSpec(spec), { enableServiceLinks: true }));

function defaultPodSpec(spec: JsonObject): JsonObject {
  const filled = withDefaults(spec, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    securityContext: {},
  });
  // The name of old is kept in step.
  const account = readText(filled, 'serviceAccountName');
  const named = account === '' ? filled : { ...filled, serviceAccount: account };
  const changes = [
    ['initContainers', defaultContainer],
    ['containers', defaultContainer],
    ['volumes', defaultVolume],
  ] as const;
  return changes.reduce((result: JsonObject, [name, change]) => withItems(result, name, change), named);
}

/** `object` with every object in its list changed, if there is one. */
function withItems(object: JsonObject, name: string, change: (item: JsonObject) => JsonObject): JsonObject {
  const items = readList(object, name);
  if (items.length === 0) return object;
  const isItem = (item: unknown): item is JsonObject =>
    typeof item === 'object' && item !== null && !Array.isArray(item);
  return { ...object, [name]: items.map((item) => (isItem(item) ? change(item) : item)) };
}

const fileMode = 0o644;

function defaultVolume(volume: JsonObject): JsonObject {
  const files = ['configMap', 'secret', 'projected', 'downwardAPI'];
  const filled = files.reduce(
    (result, name) => withMember(result, name, (source) => withDefaults(source, { defaultMode: fileMode })),
    volume,
  );
  return withMember(filled, 'hostPath', (path) => withDefaults(path, { type: '' }));
}

function defaultVariable(variable: JsonObject): JsonObject {
  return withMember(variable, 'valueFrom', (source) =>
    withMember(source, 'fieldRef', (field) => withDefaults(field, { apiVersion: 'v1' })),
  );
}

function defaultContainer(given: JsonObject): JsonObject {
  const filled = withDefaults(given, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest(readText(given, 'image')) ? 'Always' : 'IfNotPresent',
  });
  const ported = withItems(filled, 'ports', (port) => withDefaults(port, { protocol: 'TCP' }));
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];
  return probes.reduce(
    (result, name) => withMember(result, name, defaultProbe),
    withItems(ported, 'env', defaultVariable),
  );
}

/** An image without a tag is the latest one; one with a digest never is. */
function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const [, tag = 'latest'] = image.slice(image.lastIndexOf('/') + 1).split(':');
  return tag === 'latest';
}

function defaultProbe(probe: JsonObject): JsonObject {
  const filled = withDefaults(probe, {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  return withMember(filled, 'httpGet', (get) => withDefaults(get, { path: '/', scheme: 'HTTP' }));
}
