// The Helm chart: what it makes of several sets of values, and which values it refuses.
import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseControllerConfig, readSurroundings } from '../../src/config/index.ts';
import { decodeObject } from '../../src/kube/index.ts';
import {
  chartFolder,
  idOf,
  kubeVersion,
  type ManifestObject,
  renderChart,
  runHelm,
  templateChart,
} from '../../tools/deploy/render-chart.ts';
import {
  argsOf,
  at,
  listAt,
  objectsOf,
  ofKind,
  releaseNamespace,
  setNames,
  textAt,
  valuesFile,
  workloadOf,
} from './value-sets.ts';

const pod = 'spec.template.spec';

for (const set of setNames) {
  describe(`chart with the values ${set}`, () => {
    it('passes helm lint', () => {
      const words = ['lint', chartFolder, '--strict', `--kube-version=${kubeVersion}`];
      const { isOk, output, errors } = runHelm([...words, `--values=${valuesFile(set)}`]);
      assert.ok(isOk, output + errors);
    });

    it('makes objects that the API server would take, each once', () => {
      const ids = objectsOf(set).map(idOf);
      assert.equal(new Set(ids).size, ids.length, ids.join('\n'));
      const options = { defaultNamespace: 'default', allowLoopback: false, strict: true };
      for (const object of objectsOf(set)) {
        const result = decodeObject(object, options);
        assert.notEqual(result.kind, 'invalid', `${idOf(object)}: ${JSON.stringify(result)}`);
      }
    });

    it('gives the controller arguments that it understands', () => {
      const [command, ...flags] = argsOf(set);
      assert.equal(command, 'controller');
      const config = parseControllerConfig(flags, readSurroundings());
      const containerPorts = listAt(workloadOf(set), `${pod}.containers.0.ports`);
      const listening = containerPorts.map((port) => Number(at(port, 'containerPort')));
      const { httpPort, httpsPort } = config?.proxy.listen ?? {};
      const told = [httpPort, httpsPort, config?.adminPort, config?.webhook?.port].filter(
        (port) => (port ?? 0) !== 0,
      );
      const streams = ['tcp', 'udp'].flatMap((kind) => streamPortsOf(set, kind));
      // In the order of the template.
      assert.deepEqual([...told, ...streams], listening);
    });

    it('leaves the requests in flight the time that the controller gives them', () => {
      const workload = workloadOf(set);
      const config = parseControllerConfig(argsOf(set).slice(1), readSurroundings());
      const totalSeconds = Number(at(workload, `${pod}.terminationGracePeriodSeconds`));
      const hookSeconds = Number(at(workload, `${pod}.containers.0.lifecycle.preStop.sleep.seconds`));
      const drainSeconds = (config?.proxy.shutdownGraceMs ?? Number.NaN) / 1_000;
      assert.ok(hookSeconds >= 5, `${hookSeconds} s before the stop`);
      assert.ok(drainSeconds >= 30, `${drainSeconds} s for requests in flight`);
      assert.ok(hookSeconds + drainSeconds + 15 <= totalSeconds, `${totalSeconds} s in all`);
    });

    it('grants the process nothing', () => {
      const workload = workloadOf(set);
      assert.equal(at(workload, `${pod}.securityContext.runAsNonRoot`), true);
      assert.ok(Number(at(workload, `${pod}.securityContext.runAsUser`)) > 0);
      assert.equal(at(workload, `${pod}.securityContext.seccompProfile.type`), 'RuntimeDefault');
      const context = at(workload, `${pod}.containers.0.securityContext`);
      assert.equal(at(context, 'allowPrivilegeEscalation'), false);
      assert.equal(at(context, 'readOnlyRootFilesystem'), true);
      assert.deepEqual(at(context, 'capabilities'), { drop: ['ALL'] });
      assert.notEqual(at(context, 'privileged'), true);
    });

    it('selects its own pods, by names that the containers have', () => {
      const workload = workloadOf(set);
      const labels = at(workload, 'spec.template.metadata.labels');
      const ports = listAt(workload, `${pod}.containers.0.ports`).map((port) => at(port, 'name'));
      const selectors = [
        at(workload, 'spec.selector.matchLabels'),
        ...ofKind(set, 'Service').map((service) => at(service, 'spec.selector')),
        ...ofKind(set, 'PodDisruptionBudget').map((budget) => at(budget, 'spec.selector.matchLabels')),
        ...ofKind(set, 'NetworkPolicy').map((policy) => at(policy, 'spec.podSelector.matchLabels')),
      ];
      for (const selector of selectors) {
        const pairs = Object.entries(selector as Readonly<Record<string, string>>);
        assert.equal(pairs.length, 3);
        for (const [name, value] of pairs) assert.equal(pick(labels, name), value);
      }
      const targets = ofKind(set, 'Service').flatMap((service) => listAt(service, 'spec.ports'));
      for (const port of targets) assert.ok(ports.includes(at(port, 'targetPort')), JSON.stringify(port));
    });

    it('runs images of known versions, and shows no secret', () => {
      const containers = [`${pod}.containers`, `${pod}.initContainers`].flatMap((path) =>
        listAt(workloadOf(set), path),
      );
      for (const container of containers) {
        assert.match(textAt(container, 'image'), /(?::(?!latest)[\w.-]+|@sha256:[0-9a-f]{64})$/);
      }
      const others = objectsOf(set).filter(({ kind }) => kind !== 'Secret');
      assert.doesNotMatch(JSON.stringify(others), /PRIVATE KEY|LS0tLS1CRUdJTiBSU0Eg|password/);
    });
  });
}

/** The keys of the ConfigMap that the flag names, in the order of the template. */
function streamPortsOf(set: string, kind: string): number[] {
  const config = parseControllerConfig(argsOf(set).slice(1), readSurroundings());
  const wanted = kind === 'tcp' ? config?.translate.tcpServices : config?.translate.udpServices;
  const held = ofKind(set, 'ConfigMap').find(
    ({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}` === wanted,
  );
  return Object.keys(Object(at(held, 'data')))
    .map(Number)
    .sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

function pick(labels: unknown, name: string): unknown {
  return (labels as Readonly<Record<string, unknown>>)[name];
}

describe('values of ingress-nginx that mean something else here', () => {
  const container = `${pod}.containers.0`;
  const workload = workloadOf('ingress-nginx');

  it('ports below 1024 are opened to the pod', () => {
    const sysctls = [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '80' }];
    assert.deepEqual(at(workload, `${pod}.securityContext.sysctls`), sysctls);
    assert.equal(at(workloadOf('default'), `${pod}.securityContext.sysctls`), undefined);
  });

  it('TCP and UDP services have ports everywhere, under one number for both', () => {
    const [service] = ofKind('streams', 'Service').filter(({ spec }) => at(spec, 'type') === 'NodePort');
    const ports = listAt(service, 'spec.ports').map((port) =>
      ['name', 'port', 'protocol', 'nodePort'].map((name) => at(port, name)),
    );
    assert.deepEqual(ports.slice(2), [
      ['l4-587-tcp', 587, 'TCP', undefined],
      ['l4-9000-tcp', 9000, 'TCP', 30900],
      ['l4-53-udp', 53, 'UDP', 30053],
      ['l4-9000-udp', 9000, 'UDP', undefined],
    ]);
    const sysctls = [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '53' }];
    assert.deepEqual(at(workloadOf('streams'), `${pod}.securityContext.sysctls`), sysctls);
  });

  it('its readiness probe asks whether the first complete table is there', () => {
    assert.equal(at(workload, `${container}.readinessProbe.httpGet.path`), '/readyz');
    assert.equal(at(workload, `${container}.livenessProbe.httpGet.path`), '/healthz');
  });

  it('its hook, a program that the image has not, counts as none', () => {
    assert.deepEqual(at(workload, `${container}.lifecycle`), { preStop: { sleep: { seconds: 10 } } });
  });

  it('the second Service takes its ports from the first', () => {
    const [internal] = ofKind('ingress-nginx', 'Service').filter(({ metadata }) =>
      metadata.name.endsWith('-internal'),
    );
    assert.deepEqual(
      listAt(internal, 'spec.ports').map((port) => at(port, 'port')),
      [80, 8443],
    );
    assert.equal(at(internal, 'spec.loadBalancerIP'), undefined);
  });

  it('a hook of the user takes no time from the requests in flight', () => {
    const hook = 'controller.lifecycle.preStop.exec.command={true}';
    const { output } = templateChart({ namespace: releaseNamespace, settings: [hook] });
    assert.match(output, /--shutdown-grace-period=280s/);
    assert.doesNotMatch(output, /sleep:/);
  });
});

describe('certificate of the webhook that Helm makes', () => {
  it('is for the Service, and signed by the authority that the API server is told', () => {
    const [secret] = ofKind('webhook-of-helm', 'Secret');
    const [hook] = ofKind('webhook-of-helm', 'ValidatingWebhookConfiguration');
    const decode = (name: string): string =>
      Buffer.from(String(pick(at(secret, 'data'), name)), 'base64').toString('utf8');
    const certificate = new X509Certificate(decode('tls.crt'));
    const told = textAt(hook, 'webhooks.0.clientConfig.caBundle');
    const authority = new X509Certificate(Buffer.from(told, 'base64'));
    assert.ok(certificate.verify(authority.publicKey));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(decode('tls.key'))));
    const service = at(hook, 'webhooks.0.clientConfig.service');
    const host = `${textAt(service, 'name')}.${textAt(service, 'namespace')}.svc`;
    assert.equal(certificate.checkHost(host), host);
    const [mounted] = listAt(workloadOf('webhook-of-helm'), `${pod}.volumes`).filter(
      (volume) => at(volume, 'secret') !== undefined,
    );
    assert.equal(textAt(mounted, 'secret.secretName'), secret?.metadata.name);
  });

  it('is left to others where others make it', () => {
    for (const set of ['webhook-of-secret', 'everything', 'one-namespace']) {
      assert.deepEqual(ofKind(set, 'Secret'), [], set);
      assert.equal(ofKind(set, 'ValidatingWebhookConfiguration').length, 1, set);
    }
  });
});

describe('values that the chart refuses', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['controler.kind=Deployment', /controler/],
    ['controller.replicas=3', /replicas/],
    ['controller.kind=StatefulSet', /kind/],
    ['controller.service.typ=NodePort', /typ/],
    ['controller.service.externalTrafficPolicy=local', /externalTrafficPolicy/],
    ['controller.image.tag=latest', /tag/],
    ['controller.image.digest=sha256:abc', /digest/],
    ['controller.extraArgs.Bad_Flag=1', /Bad_Flag/],
    ['controller.admissionWebhooks.failurePolicy=Warn', /failurePolicy/],
    ['rbac.secrets=all', /secrets/],
    ['rbac.scope=true', /rbac\.scope: true leaves no right.*controller\.scope\.enabled/],
    ['controller.scope.enabled=true,controller.scope.namespaceSelector=a=b', /exclude each other/],
    ['controller.containerPort.https=8080', /controller\.containerPort\.https: port 8080 is that of/],
    ['controller.admissionWebhooks.enabled=true,controller.admissionWebhooks.port=8443', /port 8443 is that/],
    ['controller.terminationGracePeriodSeconds=30', /leaves no time for requests in flight/],
    ['controller.service.enableHttp=false,controller.service.enableHttps=false', /leave no listener/],
    ['controller.publishService.pathOverride=web', /NAMESPACE\/NAME is wanted/],
    ['defaultBackend.enabled=true', /default-backend-service/],
    ['tcp.9000=shop/db', /tcp/],
    ['udp.9000=shop/db:5432:YES', /udp/],
    ['tcp.x=shop/db:5432', /tcp/],
    ['tcp.8443=shop/db:5432', /tcp\.8443: port 8443 is that of controller\.containerPort\.https/],
    [
      'controller.addHeaders.X-A=b,controller.configMapNamespace=other',
      /controller\.configMapNamespace: .* name ConfigMaps of your own/,
    ],
    ['controller.image.image=ingress-nginx/controller', /is the image of ingress-nginx/],
    ['controller.customTemplate.configMapName=a', /controller\.customTemplate: has no counterpart/],
    ['controller.keda.enabled=true', /controller\.keda\.enabled: has no counterpart/],
  ];
  for (const [setting, wanted] of refused) {
    it(setting, () => {
      const { isOk, errors } = templateChart({ namespace: releaseNamespace, settings: [setting] });
      assert.ok(!isOk, 'it was accepted');
      assert.match(errors, wanted);
    });
  }

  it('an older Kubernetes', () => {
    const { isOk, errors } = runHelm(['template', 'sallyport', chartFolder, '--kube-version=1.29.0']);
    assert.ok(!isOk);
    assert.match(errors, />=1\.30/);
  });
});

describe('fields of requests and responses', () => {
  const fieldsOf = (settings: readonly string[]): readonly ManifestObject[] =>
    renderChart({ namespace: releaseNamespace, settings });

  it('are ConfigMaps of their own, which the ConfigMap of the controller names and the controller may read', () => {
    const objects = fieldsOf([
      'controller.addHeaders.X-A=b',
      'controller.config.proxy-set-headers=team/request',
    ]);
    const name = 'sallyport-controller-add-headers';
    const maps = objects.filter(({ kind }) => kind === 'ConfigMap');
    const made = maps.find(({ metadata }) => metadata.name === name);
    assert.deepEqual(at(made, 'data'), { 'X-A': 'b' });
    const settings = maps.find(({ metadata }) => metadata.name === 'sallyport-controller');
    assert.deepEqual(at(settings, 'data'), {
      'add-headers': `${releaseNamespace}/${name}`,
      'proxy-set-headers': 'team/request',
    });
    const granted = objects
      .filter(({ kind }) => kind === 'Role')
      .flatMap((role) =>
        listAt(role, 'rules').flatMap((rule) =>
          listAt(rule, 'resourceNames').map((each) => `${role.metadata.namespace}/${String(each)}`),
        ),
      );
    assert.ok(granted.includes(`${releaseNamespace}/${name}`), granted.join());
    assert.ok(granted.includes('team/request'), granted.join());
  });
});
