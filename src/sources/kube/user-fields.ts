// A kubeconfig's user: from its fields to credentials and impersonation headers.
import type { Credentials } from './cluster-connection.ts';
import { ExecCredentials } from './exec-credentials.ts';
import type { KubeconfigFields } from './kubeconfig-fields.ts';
import { checkClientPair, pemOf } from './pem-fields.ts';
import { ChangingTextFile, fixedText, type TextFile } from './text-file.ts';
import { UserCredentials } from './user-credentials.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const execVersions: ReadonlySet<string> = new Set([
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
]);

/** `clusterInfo` is asked for only if a credential program wants it. @throws {KubeconfigError} */
export function userCredentials(
  user: KubeconfigFields,
  env: Environment,
  clusterInfo: () => Readonly<Record<string, unknown>>,
): Credentials {
  const token = tokenOf(user);
  const certificate = certificateOf(user);
  const username = user.text('username');
  const password = user.text('password');
  const hasBasic = username !== '' || password !== '';
  if (hasBasic && token !== null) throw user.fault('username', 'a token is given too; one of them is wanted');
  if (user.has('auth-provider')) {
    throw user.fault('auth-provider', 'not supported; Kubernetes has replaced it by exec');
  }
  const hasExec = user.has('exec');
  const exec = hasExec ? execOf(user.child('exec'), env, clusterInfo) : null;
  // As with kubectl, what stands in the file itself comes before a program.
  const hasOwn = token !== null || hasBasic || certificate !== null;
  if (exec !== null && !hasOwn) return exec;
  return new UserCredentials({ token, basic: hasBasic ? { username, password } : null, certificate });
}

/** A file comes before a fixed token, which serves where the file cannot be read. */
function tokenOf(user: KubeconfigFields): TextFile | null {
  const path = user.filePath('tokenFile');
  const token = user.text('token').trim();
  if (/[^\x21-\x7e]/.test(token)) throw user.fault('token', 'holds a character that no header can carry');
  if (path === '') return token === '' ? null : fixedText(token);
  return new ChangingTextFile(path, 'token', token);
}

function certificateOf(user: KubeconfigFields): { chain: TextFile; key: TextFile } | null {
  const chain = pemOf(user, 'client-certificate', 'client certificate');
  if (chain === null) return null;
  const key = pemOf(user, 'client-key', "client certificate's key");
  if (key === null) throw user.fault('client-key', 'not set, but there is a client certificate');
  checkClientPair(user, chain, key);
  return { chain, key };
}

function execOf(
  exec: KubeconfigFields,
  env: Environment,
  clusterInfo: () => Readonly<Record<string, unknown>>,
): ExecCredentials {
  const apiVersion = exec.text('apiVersion');
  if (!execVersions.has(apiVersion)) {
    throw exec.fault('apiVersion', `one of ${[...execVersions].join(', ')} is wanted`);
  }
  const command = exec.text('command');
  if (command === '') throw exec.fault('command', 'not set');
  const mode = exec.text('interactiveMode');
  if (mode === 'Always') {
    throw exec.fault('interactiveMode', 'Always: this program has no terminal to offer');
  }
  const isDefaulted = mode === '' && apiVersion.endsWith('/v1beta1');
  if (mode !== 'Never' && mode !== 'IfAvailable' && !isDefaulted) {
    throw exec.fault('interactiveMode', 'Never or IfAvailable is wanted');
  }
  return new ExecCredentials({
    // Without a separator it is looked up in the PATH.
    command: command.includes('/') ? exec.filePath('command') : command,
    args: exec.texts('args'),
    env: { ...env, ...envOf(exec) },
    apiVersion,
    cluster: exec.flag('provideClusterInfo') ? clusterInfo() : null,
    installHint: exec.text('installHint'),
  });
}

function envOf(exec: KubeconfigFields): Record<string, string> {
  const pairs = exec.children('env').map((item) => {
    const name = item.text('name');
    if (name === '') throw item.fault('name', 'not set');
    return [name, item.text('value')] as const;
  });
  return Object.fromEntries(pairs);
}

/** The headers of `as`, `as-uid`, `as-groups` and `as-user-extra`. */
export function impersonationOf(user: KubeconfigFields): (readonly [string, string])[] {
  const name = user.text('as');
  const uid = user.text('as-uid');
  const groups = user.texts('as-groups');
  const extra = user.child('as-user-extra');
  if (name === '') {
    if (uid !== '' || groups.length > 0 || extra.names().length > 0) {
      throw user.fault('as', 'not set, but other fields of impersonation are');
    }
    return [];
  }
  const headers: (readonly [string, string])[] = [['Impersonate-User', name]];
  if (uid !== '') headers.push(['Impersonate-Uid', uid]);
  for (const group of groups) headers.push(['Impersonate-Group', group]);
  for (const key of extra.names()) {
    const header = `Impersonate-Extra-${encodeURIComponent(key.toLowerCase())}`;
    for (const value of extra.texts(key)) headers.push([header, value]);
  }
  const bad = headers.find(([, value]) => /[^\x20-\x7e]/.test(value));
  if (bad !== undefined) throw user.fault('as', `${bad[0]} holds a character that no header can carry`);
  return headers;
}
