// Opening: one process at a time, owner only, and nothing that is not a whole state file of this version; what is refused stays
// as it was, and the message says what to do.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openStore, StorageError, type StorageProblem } from './index.ts';
import { parseLockHolder } from './lock-holder.ts';
import { keyOf, put, remove, services, statePath, temporaryFolder } from './store.fixture.ts';

/** Fails unless the file at `path` is refused for this reason, and neither changed nor joined by another. */
function assertRefused(path: string, problem: StorageProblem, message: RegExp): void {
  const folder = dirname(path);
  const look = (): unknown =>
    readdirSync(folder).map((name) => {
      const each = join(folder, name);
      return [name, statSync(each).isFile() ? readFileSync(each, 'hex') : null];
    });
  const before = look();
  assert.throws(
    () => openStore({ path }),
    (error) => {
      assert.ok(error instanceof StorageError, String(error));
      assert.deepEqual([error.problem, error.path], [problem, path]);
      assert.match(error.message, message);
      assert.ok(error.message.includes(`"${path}"`), error.message);
      return true;
    },
  );
  assert.deepEqual(look(), before);
}

/** A state file with some objects and some history, closed. */
function sampleFile(objects = 50): string {
  const path = statePath();
  const store = openStore({ path, durability: 'kernel' });
  store.batch(() => {
    for (let index = 0; index < objects; index += 1)
      store.write([put(keyOf(`shop/n${index}`), 'y'.repeat(300))]);
  });
  store.write([put(keyOf('shop/n1'), 'new'), remove(keyOf('shop/n2'))]);
  store.close();
  return path;
}

function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

const openScript = `import(process.argv[1]).then(({ openStore }) => {
  if (process.argv[3] !== undefined && process.getuid() === 0) process.setuid(65534);
  try { openStore({ path: process.argv[2] }); process.stdout.write('opened\\n'); setInterval(() => {}, 1e6); }
  catch (error) { process.stdout.write(error.problem + ': ' + error.message + '\\n'); }
})`;
const openArguments = ['-e', openScript, join(import.meta.dirname, 'index.ts')];

describe('a second opening', () => {
  it('by another process is refused with the pid of the first, until that one dies', async () => {
    const path = statePath();
    const first = openStore({ path });
    const attempt = (): string =>
      spawnSync(process.execPath, [...openArguments, path], { encoding: 'utf8', timeout: 20_000 }).stdout;
    const holder = process.platform === 'linux' ? ` \\(pid ${process.pid}\\)` : '';
    assert.match(attempt(), new RegExp(`^in use: .*"${path}": it is in use by another process${holder};`));
    first.close();
    const child = spawn(process.execPath, [...openArguments, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = await once(child.stdout, 'data');
    assert.equal(String(said), 'opened\n');
    const childHolder = process.platform === 'linux' ? `(pid ${child.pid})` : '';
    assert.throws(
      () => openStore({ path }),
      (error) => error instanceof StorageError && error.message.includes(childHolder),
    );
    child.kill('SIGKILL');
    await once(child, 'close');
    openStore({ path }).close();
  });

  it('by the same process is refused too, and does not free the file', () => {
    const path = statePath();
    const store = openStore({ path });
    for (let round = 0; round < 2; round += 1)
      assert.throws(() => openStore({ path }), /already open in this process/);
    store.write([put(keyOf('a'))]);
    store.close();
  });

  it('finds the holder among the locks of the system', () => {
    const locks = [
      '1: FLOCK  ADVISORY  WRITE 10 fe:00:77 0 EOF',
      '2: POSIX  ADVISORY  WRITE 11 fe:00:78 1073741824 1073742335',
      '3: OFDLCK ADVISORY  WRITE -1 fe:00:77 0 EOF',
      '4: POSIX  ADVISORY  READ  12 fe:00:77 0 10',
      '5: POSIX  ADVISORY  WRITE 0 fe:00:77 1073741824 1073742335',
      '6: POSIX  ADVISORY  WRITE 13 00:2a:77 1073741824 1073742335',
    ];
    assert.equal(parseLockHolder(locks.join('\n'), 77), 13);
    assert.equal(parseLockHolder('', 77), null);
  });
});

describe('the file', () => {
  it('is for its owner only, with what stands beside it', () => {
    const path = statePath();
    const store = openStore({ path });
    store.write([put(keyOf('a'))]);
    const names = readdirSync(dirname(path));
    assert.deepEqual(names, ['state.db', 'state.db-wal']);
    for (const name of names) assert.equal(statSync(join(dirname(path), name)).mode & 0o777, 0o600, name);
    store.close();
    assert.deepEqual(readdirSync(dirname(path)), ['state.db'], 'the log is in the file now');
    chmodSync(path, 0o644);
    openStore({ path }).close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('is made again after a crash while it was being made', () => {
    const path = statePath();
    writeFileSync(`${path}.new`, '');
    openStore({ path }).close();
    assert.deepEqual(readdirSync(dirname(path)), ['state.db']);
  });

  it('may be named by a link', () => {
    const path = sampleFile();
    const link = join(temporaryFolder(), 'link.db');
    symlinkSync(path, link);
    const store = openStore({ path: link });
    assert.equal(store.count(services), 49);
    assert.throws(() => openStore({ path }), /already open in this process/);
    store.close();
  });
});

describe('a file that is no state file', () => {
  it('is refused when it is some other file, an empty file or a folder', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'some');
    writeFileSync(path, 'some text of some length. '.repeat(100));
    assertRefused(path, 'damaged', /it is not a SQLite file, or its first page is damaged; .*left as it is/);
    writeFileSync(path, '');
    assertRefused(path, 'damaged', /it is empty \(0 bytes\).*remove it to begin with an empty state/);
    rmSync(path);
    mkdirSync(path);
    assertRefused(path, 'foreign', /it is not a file; name a file/);
  });

  it('is refused when another program made it', () => {
    const path = statePath();
    change(path, 'CREATE TABLE bookmarks (url TEXT)');
    assertRefused(path, 'foreign', /a SQLite file of some other program; use another folder/);
  });

  it('is refused when a newer version made it', () => {
    const path = sampleFile();
    change(path, 'PRAGMA user_version = 99');
    assertRefused(
      path,
      'newer',
      /a newer version of sallyport wrote it \(schema 99, this version reads up to 1\)/,
    );
  });

  it('is refused when it is gone and its log is there', () => {
    const path = statePath();
    writeFileSync(`${path}-wal`, 'changes');
    assertRefused(path, 'damaged', /it is missing, but ".*state.db-wal" holds changes that belong to it/);
  });

  it('is refused where it cannot be: no folder, no permission', () => {
    const path = join(temporaryFolder(), 'absent', 'state.db');
    assert.throws(() => openStore({ path }), /creating the state file .*ENOENT; its folder does not exist/);
    const sample = sampleFile();
    const folder = dirname(sample);
    chmodSync(folder, 0o555);
    chmodSync(sample, 0o444);
    for (const each of [sample, join(folder, 'new.db')]) {
      // As root every folder is writable: the child becomes another user.
      const child = spawnSync(process.execPath, [...openArguments, each, 'as nobody'], { encoding: 'utf8' });
      assert.match(
        child.stdout,
        /^unwritable: .*EACCES; this user may not write there: change the owner or the mode/,
      );
    }
    chmodSync(folder, 0o755);
    assert.deepEqual(readdirSync(folder), [basename(sample)]);
  });
});

describe('a damaged file', () => {
  it('is refused wherever it is cut off', () => {
    const path = sampleFile();
    const whole = readFileSync(path);
    for (const length of [1, 100, 512, 4095, 4096, 10_000, whole.length - 4096]) {
      writeFileSync(path, whole.subarray(0, length));
      assertRefused(path, 'damaged', /restore .* backup/);
    }
  });

  it('is refused, or holds all that was written, whichever bit is flipped', () => {
    const path = sampleFile();
    const whole = readFileSync(path);
    const intact = openStore({ path });
    const objects = intact.list({ resource: services, namespace: null });
    intact.close();
    let refusals = 0;
    for (let round = 0; round < 300; round += 1) {
      const damaged = Buffer.from(whole);
      const at = Math.floor((whole.length * round) / 300) + (round % 89);
      damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (round % 8)), at);
      writeFileSync(path, damaged);
      try {
        const store = openStore({ path });
        assert.deepEqual(
          store.list({ resource: services, namespace: null }).objects,
          objects.objects,
          `byte ${at}`,
        );
        store.close();
      } catch (error) {
        assert.ok(error instanceof StorageError, String(error));
        assert.notEqual(error.problem, 'in use', error.message);
        refusals += 1;
      }
    }
    // The rest hits free space.
    assert.ok(refusals > 150, `${refusals}`);
  });

  it('is refused wherever a name in it is another: in a row, in the history, in the index', () => {
    const path = sampleFile();
    const whole = readFileSync(path);
    const name = 'core/servicesshopn33';
    let places = 0;
    for (let at = whole.indexOf(name); at !== -1; at = whole.indexOf(name, at + 1)) {
      const damaged = Buffer.from(whole);
      damaged.write('X', at + name.length - 1);
      writeFileSync(path, damaged);
      assertRefused(path, 'damaged', /restore .* backup/);
      places += 1;
    }
    assert.equal(places, 3);
  });

  it('names the object whose row is wrong', () => {
    const cases = [
      [`SET object = '{"kind":'`, /table "objects" \(core\/services "shop\/n7"\) is damaged: no JSON/],
      [
        `SET object = replace(object, 'yyy', 'zzz')`,
        /"shop\/n7"\) is damaged: its checksum is \d+, and \d+ was written/,
      ],
      [`SET revision = 3`, /"shop\/n7"\) is damaged: its checksum/],
      [`SET namespace = 'shoq'`, /"shoq\/n7"\) is damaged: its checksum/],
    ] as const;
    for (const [set, message] of cases) {
      const path = sampleFile();
      change(path, `UPDATE objects ${set} WHERE name = 'n7'`);
      assertRefused(path, 'damaged', message);
    }
  });

  it('names the event whose row is wrong or whose state is gone', () => {
    const cases = [
      [
        `UPDATE history SET previous = '[' WHERE name = 'n2' AND type = 'DELETED'`,
        /row 53 of table "history" .*no JSON/,
      ],
      [`UPDATE history SET time_ms = 1 WHERE revision = 52`, /row 52 of table "history" .*checksum/],
      [`UPDATE history SET type = 'GONE' WHERE revision = 52`, /row 52 .*type is "GONE"/],
      [`DELETE FROM objects WHERE name = 'n9'`, /row 11 .*"shop\/n9".*the state that it led to is missing/],
      [
        `UPDATE marks SET revision = 40 WHERE mark = 'revision'`,
        /the counter .* smaller than what it has counted/,
      ],
    ] as const;
    for (const [sql, message] of cases) {
      const path = sampleFile();
      change(path, sql);
      assertRefused(path, 'damaged', message);
    }
  });
});
