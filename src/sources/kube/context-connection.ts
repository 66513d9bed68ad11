// From a context of a kubeconfig to a connection: its cluster and its user, with kubectl's checks and precedence.
import {
  anonymous,
  type ClusterConnection,
  type ClusterTls,
  type Credentials,
} from './cluster-connection.ts';
import { KubeconfigError, type KubeconfigFields } from './kubeconfig-fields.ts';
import type { Kubeconfig } from './kubeconfig-file.ts';
import { checkAuthorities, pemOf } from './pem-fields.ts';
import { chooseProxy, parseProxy } from './proxy-choice.ts';
import { impersonationOf, userCredentials } from './user-fields.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {KubeconfigError} */
export function connectionOfContext(config: Kubeconfig, name: string, env: Environment): ClusterConnection {
  const context = config.contexts.get(name);
  if (context === undefined) throw unknownContext(config, name);
  const cluster = referenced(context, 'cluster', config.clusters);
  const user = referenced(context, 'user', config.users);
  const server = serverOf(cluster);
  const namespace = context.text('namespace');
  const isSecure = server.protocol === 'https:';
  return {
    server,
    origin: `kubeconfig ${JSON.stringify(context.file)}, context ${JSON.stringify(name)}`,
    namespace: namespace === '' ? 'default' : namespace,
    tls: tlsOf(cluster),
    credentials: isSecure ? credentialsOf(user, cluster, server, env) : anonymous,
    proxy: proxyOf(cluster, server, env),
    impersonation: impersonationOf(user),
    warnings: [...warningsOf(cluster, isSecure), ...(isSecure ? [] : unsentWarnings(user))],
  };
}

function unknownContext({ files, contexts }: Kubeconfig, name: string): KubeconfigError {
  const where =
    files.length === 0
      ? 'no kubeconfig'
      : `kubeconfig ${files.map((file) => JSON.stringify(file)).join(', ')}`;
  const names = [...contexts.keys()].map((known) => JSON.stringify(known)).join(', ');
  return new KubeconfigError(
    `${where}: there is no context ${JSON.stringify(name)}; ${names === '' ? 'there are none' : `there are ${names}`}`,
  );
}

function referenced(
  context: KubeconfigFields,
  field: 'cluster' | 'user',
  known: ReadonlyMap<string, KubeconfigFields>,
): KubeconfigFields {
  const name = context.text(field);
  if (name === '') throw context.fault(field, 'not set');
  const found = known.get(name);
  if (found === undefined) throw context.fault(field, `there is no ${field} ${JSON.stringify(name)}`);
  return found;
}

function serverOf(cluster: KubeconfigFields): URL {
  const text = cluster.text('server');
  if (text === '') throw cluster.fault('server', 'not set');
  const isTls =
    cluster.flag('insecure-skip-tls-verify') ||
    cluster.has('certificate-authority') ||
    cluster.has('certificate-authority-data');
  const address = text.includes('://') ? text : `${isTls ? 'https' : 'http'}://${text}`;
  if (!URL.canParse(address)) throw cluster.fault('server', 'not a URL');
  const server = new URL(address);
  if (server.protocol !== 'https:' && server.protocol !== 'http:') {
    throw cluster.fault('server', `${server.protocol}// is not supported; https:// is wanted`);
  }
  if (server.username !== '' || server.password !== '') {
    throw cluster.fault('server', 'the URL holds a user or password, which belong under users');
  }
  server.search = '';
  server.hash = '';
  return server;
}

function tlsOf(cluster: KubeconfigFields): ClusterTls {
  const isVerified = !cluster.flag('insecure-skip-tls-verify');
  const serverName = cluster.text('tls-server-name');
  const authorities = pemOf(cluster, 'certificate-authority', 'certificate authority');
  if (authorities !== null && !isVerified) {
    throw cluster.fault('insecure-skip-tls-verify', 'may not be true beside a certificate authority');
  }
  if (authorities !== null) checkAuthorities(cluster, authorities);
  return { authorities, isVerified, serverName: serverName === '' ? null : serverName };
}

function proxyOf(cluster: KubeconfigFields, server: URL, env: Environment): URL | null {
  const text = cluster.text('proxy-url');
  if (text === '') return chooseProxy(server, env);
  const proxy = parseProxy(text);
  // The value may hold a password.
  if (proxy === null) throw cluster.fault('proxy-url', 'not the URL of a proxy over http or https');
  return proxy;
}

function credentialsOf(
  user: KubeconfigFields,
  cluster: KubeconfigFields,
  server: URL,
  env: Environment,
): Credentials {
  return userCredentials(user, env, () => {
    const config = cluster
      .children('extensions')
      .find((item) => item.text('name') === 'client.authentication.k8s.io/exec');
    const authorities = pemOf(cluster, 'certificate-authority', 'certificate authority')?.read() ?? '';
    return {
      server: server.href.replace(/\/$/, ''),
      ...(cluster.has('tls-server-name') ? { 'tls-server-name': cluster.text('tls-server-name') } : {}),
      ...(cluster.flag('insecure-skip-tls-verify') ? { 'insecure-skip-tls-verify': true } : {}),
      ...(authorities === ''
        ? {}
        : { 'certificate-authority-data': Buffer.from(authorities, 'utf8').toString('base64') }),
      ...(cluster.has('proxy-url') ? { 'proxy-url': cluster.text('proxy-url') } : {}),
      ...(config === undefined ? {} : { config: config.raw('extension') }),
    };
  });
}

function warningsOf(cluster: KubeconfigFields, isSecure: boolean): string[] {
  if (!isSecure || !cluster.flag('insecure-skip-tls-verify')) return [];
  return [`${cluster.path}.insecure-skip-tls-verify: the API server's certificate is not verified`];
}

function unsentWarnings(user: KubeconfigFields): string[] {
  return user.names().length === 0
    ? []
    : [`${user.path}: credentials are not sent, because the server's URL is http://`];
}
