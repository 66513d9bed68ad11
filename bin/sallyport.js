#!/usr/bin/env node
// The command's entry: checks the runtime, then runs the sources in a checkout, or the compiled program.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants, homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;
const root = new URL('../', import.meta.url);
const entry = [new URL('src/main.ts', root), new URL('dist/main.js', root)].find((url) => existsSync(url));
const pinned = fileURLToPath(new URL('node_modules/node/bin/node', root));
/** Holds the process id of the one that only starts the pinned runtime. */
const launcherVariable = 'SALLYPORT_LAUNCHER_PID';

endWithParent();
if (Number.parseInt(process.versions.node, 10) >= neededMajor) {
  if (entry === undefined)
    throw new Error('sallyport: neither dist/main.js nor src/main.ts is there; reinstall the package');
  keepCompiledCode();
  const { main } = await import(entry.href);
  await main(process.argv.slice(2));
} else if (existsSync(pinned)) {
  runPinned();
} else {
  process.stderr.write(
    `sallyport: Node.js ${neededMajor} or later is needed, this is ${process.versions.node} (${process.execPath})\n`,
  );
  process.exitCode = 1;
}

/**
 * `npx sallyport` and `npm start` run this under a shell. SIGTERM to npm ends that shell and goes no further, so the end of the
 * parent counts as the signal; so does that of the older Node in `runPinned`, which a SIGKILL leaves no time to pass anything on.
 * Started in any other way, a parent may end as it likes.
 */
function endWithParent() {
  const launcher = process.env[launcherVariable];
  // What this process starts itself has another parent.
  delete process.env[launcherVariable];
  if (process.env.npm_command === undefined && launcher === undefined) return;
  const parent = launcher === undefined ? process.ppid : Number(launcher);
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}

/**
 * Halves the time that a command and each worker need to start. In the user's own folder: what lies in a folder that others can
 * write, such as the runtime's default under /tmp, is code of theirs. Where it cannot be written, nothing is lost.
 */
function keepCompiledCode() {
  try {
    const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
    process.env.NODE_COMPILE_CACHE ??= join(cacheHome, 'sallyport');
    module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  } catch {
    // A user without a home.
  }
}

/** In a checkout started by an older Node (for example `npx sallyport`): the same words, with the runtime of the lockfile. */
function runPinned() {
  const words = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(pinned, words, {
    stdio: 'inherit',
    env: { ...process.env, [launcherVariable]: String(process.pid) },
  });
  // Signals sent to this process are meant for that one. One that comes before it runs finds it by its pid all the same.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    process.stderr.write(`sallyport: cannot start "${pinned}": ${error.message}\n`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
}
