// ExecCredentials with real programs: what they get, what of their answers counts and how long, and what is said of bad ones.
import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ExecCredentials, type ExecPlugin } from './exec-credentials.ts';
import { KubeconfigFields } from './kubeconfig-fields.ts';
import { userCredentials } from './user-fields.ts';

const v1 = 'client.authentication.k8s.io/v1';
const secret = 'hunter2-hunter2';

/** A shell program that notes each run in `runs` and then does `body`. */
function program(test: TestContext, body: string): { folder: string; command: string; runs: () => number } {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-exec-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  const runs = join(folder, 'runs');
  appendFileSync(runs, '');
  const command = join(folder, 'login');
  writeFileSync(command, `#!/bin/sh\ncd '${folder}'\nprintf x >>runs\n${body}\n`);
  chmodSync(command, 0o755);
  return { folder, command, runs: () => readFileSync(runs, 'utf8').length };
}

function plugin(command: string, parts: Partial<ExecPlugin> = {}): ExecPlugin {
  return {
    command,
    args: [],
    env: { PATH: process.env['PATH'] },
    apiVersion: v1,
    cluster: null,
    installHint: '',
    ...parts,
  };
}

function status(fields: Readonly<Record<string, string>>, apiVersion = v1): string {
  return `echo '${JSON.stringify({ kind: 'ExecCredential', apiVersion, status: fields })}'`;
}

describe('ExecCredentials', () => {
  it('runs the program once for all who wait, and again when the credential has expired', async (test) => {
    const { command, runs } = program(
      test,
      status({ token: 'T', expirationTimestamp: '2030-01-01T00:00:00Z' }),
    );
    let nowMs = Date.parse('2029-12-31T23:59:59Z');
    const credentials = new ExecCredentials(plugin(command), { nowMs: () => nowMs });
    const all = await Promise.all([credentials.current(), credentials.current(), credentials.current()]);
    assert.deepEqual(all[2], { authorization: 'Bearer T', certificate: null });
    await credentials.current();
    assert.equal(runs(), 1);
    nowMs += 1_000;
    await credentials.current();
    assert.equal(runs(), 2);
  });

  it('keeps a credential without an end, until the server refuses it', async (test) => {
    const { command, runs } = program(
      test,
      `echo "$(cat answer)"; ${status({ token: 'unused' })} >/dev/null`,
    );
    const { folder } = { folder: command.replace(/login$/, '') };
    const put = (token: string): void =>
      writeFileSync(join(folder, 'answer'), JSON.stringify({ apiVersion: v1, status: { token } }));
    put('one');
    const credentials = new ExecCredentials(plugin(command));
    const first = await credentials.current();
    await credentials.current();
    assert.equal(runs(), 1);
    put('two');
    const [renewed, alsoRenewed] = await Promise.all([credentials.renew(first), credentials.renew(first)]);
    assert.equal(renewed?.authorization, 'Bearer two');
    assert.equal(alsoRenewed?.authorization, 'Bearer two');
    assert.equal((await credentials.renew(first))?.authorization, 'Bearer two');
    assert.equal(runs(), 2);
    assert.equal(await credentials.renew(renewed), null);
  });

  it('gives the program its arguments, environment and cluster, and no input', async (test) => {
    const { command, folder } = program(
      test,
      `cat >input; echo "$@" >args; echo "$EXTRA $HOST" >env; echo "$KUBERNETES_EXEC_INFO" >info; ${status({ clientCertificateData: 'C', clientKeyData: 'K' })}`,
    );
    const fields = new KubeconfigFields(join(folder, 'config'), 'users["u"].user', {
      exec: {
        apiVersion: v1,
        command: './login',
        args: ['get', 'token'],
        env: [{ name: 'EXTRA', value: 'yes' }],
        interactiveMode: 'IfAvailable',
        provideClusterInfo: true,
      },
    });
    const env = { PATH: process.env['PATH'], HOST: 'here' };
    const credentials = userCredentials(fields, env, () => ({ server: 'https://k' }));
    assert.deepEqual(await credentials.current(), {
      authorization: null,
      certificate: { chain: 'C', key: 'K' },
    });
    const wrote = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
    assert.deepEqual([wrote('input'), wrote('args'), wrote('env')], ['', 'get token', 'yes here']);
    assert.deepEqual(JSON.parse(wrote('info')), {
      kind: 'ExecCredential',
      apiVersion: v1,
      spec: { cluster: { server: 'https://k' }, interactive: false },
    });
    assert.equal(command, join(folder, 'login'));
  });

  const bad: readonly [body: string, message: RegExp][] = [
    [`echo ${secret}; echo 'log in first' >&2; exit 3`, /" ended with 3: log in first$/],
    ['kill -9 $$', /" was ended by SIGKILL$/],
    [`echo ${secret}`, /" printed no JSON object$/],
    ['echo "[]"', /" printed no JSON object$/],
    ['head -c 2000000 /dev/zero', /" printed more than 1048576 bytes$/],
    [
      status({ token: secret }, 'client.authentication.k8s.io/v1beta1'),
      /" answered in "client.authentication.k8s.io\/v1beta1", the kubeconfig asks for "client.authentication.k8s.io\/v1"$/,
    ],
    [`echo '{"apiVersion":"${v1}"}'`, /" answered without a status$/],
    [status({}), /" answered without a token or certificate$/],
    [status({ clientKeyData: secret }), /" answered with only a certificate or only a key$/],
    [status({ token: `${secret} x` }), /" answered with a token that no header can carry$/],
    [
      status({ token: secret, expirationTimestamp: 'soon' }),
      /" answered with an expirationTimestamp that is no time$/,
    ],
  ];
  for (const [body, message] of bad) {
    it(`says ${message.source}`, async (test) => {
      const { command } = program(test, body);
      await assert.rejects(new ExecCredentials(plugin(command)).current(), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes(secret));
        return true;
      });
    });
  }

  it('ends a program that hangs, and can be asked again', async (test) => {
    const { command, runs } = program(test, 'exec sleep 100');
    const credentials = new ExecCredentials(plugin(command), { timeoutMs: 300 });
    await assert.rejects(credentials.current(), /did not end within 300 ms$/);
    await assert.rejects(credentials.current(), /did not end within 300 ms$/);
    assert.equal(runs(), 2);
  });

  it('says how to install a program that is missing', async () => {
    const installHint = 'brew install login\nmore';
    const credentials = new ExecCredentials(plugin('/nowhere/login', { installHint }));
    await assert.rejects(
      credentials.current(),
      /the credential program "\/nowhere\/login" was not found: brew install login$/,
    );
  });
});
