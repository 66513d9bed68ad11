// A folder of manifests as a git revision has it: its manifest files, written to a temporary folder. The work tree is left alone.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';

/** git failed, or there is no such revision or folder; the message is complete. */
export class GitFolderError extends Error {
  override readonly name = 'GitFolderError';
}

const maxListBytes = 64 * 1024 * 1024;
const maxFileBytes = 64 * 1024 * 1024;
const maxAllBytes = 1024 * 1024 * 1024;

interface ListedFile {
  readonly object: string;
  readonly path: string;
}

/** Calls `use` with the temporary folder, which is gone afterwards. Rejects with GitFolderError. */
export async function withRevision<Result>(
  folder: string,
  revision: string,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const temporary = mkdtempSync(join(tmpdir(), 'sallyport-revision-'));
  try {
    await writeRevision(folder, revision, temporary);
    return await use(temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function writeRevision(folder: string, revision: string, temporary: string): Promise<void> {
  const where = `"${folder}" at "${revision}"`;
  const commit = await runGit(
    folder,
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    128,
    `${where}: no such revision of a git repository`,
  );
  // The folder that git is run in is what is listed, wherever it lies in the repository.
  const list = await runGit(
    folder,
    ['ls-tree', '-r', '-z', commit.toString('latin1').trim()],
    maxListBytes,
    where,
  );
  let allBytes = 0;
  // Names of our own: those of a tree are anybody's.
  for (const [index, { object, path }] of manifestsOf(list.toString('utf8')).entries()) {
    const bytes = await runGit(folder, ['cat-file', 'blob', object], maxFileBytes, `${where}: "${path}"`);
    allBytes += bytes.length;
    if (allBytes > maxAllBytes)
      throw new GitFolderError(`${where}: more than ${maxAllBytes} bytes of manifests`);
    writeFileSync(join(temporary, `${String(index).padStart(8, '0')}${extname(path)}`), bytes);
  }
}

/** As folders of manifests are read: nothing hidden, nothing but regular files. */
function manifestsOf(list: string): readonly ListedFile[] {
  return list.split('\0').flatMap((entry) => {
    const [, object, path] = /^100\d{3} blob ([0-9a-f]{40,64})\t(.+)$/s.exec(entry) ?? [];
    if (object === undefined || path === undefined) return [];
    const names = path.split('/');
    const isHidden = names.some((name) => name.startsWith('.'));
    return isHidden || !/\.(?:ya?ml|json)$/.test(path) ? [] : [{ object, path }];
  });
}

function runGit(folder: string, words: readonly string[], maxBytes: number, where: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const git = spawn('git', ['-C', folder, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    const pieces: Buffer[] = [];
    let bytes = 0;
    let said = '';
    const fail = (reason: string): void => reject(new GitFolderError(`cannot read ${where}: ${reason}`));
    git.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= maxBytes) pieces.push(piece);
      else git.kill();
    });
    git.stderr.on('data', (piece: Buffer) => {
      said = `${said}${piece.toString('utf8')}`.slice(0, 1_000);
    });
    git.on('error', (error) => fail(error.message));
    git.on('close', (code) => {
      if (bytes > maxBytes) fail(`more than ${maxBytes} bytes`);
      else if (code === 0) resolve(Buffer.concat(pieces));
      else fail(said.trim() === '' ? `git ended with ${code ?? 'a signal'}` : said.trim());
    });
  });
}
