// The worker process: receives its orders over IPC, runs one ProxyWorker, and ends when it has drained or its primary is gone.
import { createLogger, type Logger } from '../observe/logger.ts';
import type { ToPrimary, ToWorker } from './ipc.ts';
import { ProxyWorker } from './proxy-worker.ts';

const exitAfterBug = 70;

function send(message: ToPrimary): void {
  // The channel may close under us; the disconnect handler acts on that.
  process.send?.(message, undefined, undefined, () => {});
}

let worker: ProxyWorker | null = null;
let logger: Logger | null = null;
let isDraining = false;

async function drain(): Promise<void> {
  if (isDraining) return;
  isDraining = true;
  await worker?.drain(worker.core.settings.shutdownGraceMs);
  process.exit(0);
}

async function start(message: Extract<ToWorker, { kind: 'init' }>): Promise<void> {
  const { init } = message;
  logger = createLogger({ level: init.logLevel, format: init.logFormat }).child({ worker: init.index });
  worker = new ProxyWorker(init, logger, send);
  const ports = await worker.listen();
  send({ kind: 'listening', ...ports });
  if (init.table !== null) send({ kind: 'applied', version: init.table.version });
}

process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'init':
      start(message).catch((error: NodeJS.ErrnoException) => {
        send({ kind: 'failed', code: error.code ?? '', message: error.message });
      });
      return;
    case 'patch':
      // Before the init arrives: it will carry the whole table, this patch included.
      if (worker === null) return;
      worker.apply(message.patch);
      send({ kind: 'applied', version: message.patch.version });
      return;
    case 'ticket-keys':
      worker?.setTicketKeys(message.ticketKeys);
      return;
    case 'staples':
      worker?.setStaples(message.staples);
      return;
    case 'limit-answers':
      worker?.onLimitAnswers(message.batch, message.answers);
      return;
    case 'limit-share':
      worker?.setLimitShare(message.share);
      return;
    case 'collect':
      if (worker !== null) send({ kind: 'metrics', id: message.id, snapshot: worker.collect() });
      return;
    case 'find-request': {
      const facts = worker?.core.recorder.recent.find(message.requestId) ?? null;
      send({ kind: 'found-request', id: message.id, facts });
      return;
    }
    case 'drain':
      void drain();
  }
});

// The primary is gone: without it nobody tells of changes, so finish what is in flight and end (docs/design/processes.md).
process.on('disconnect', () => {
  worker?.onPrimaryGone();
  void drain();
});

// Signals to the process group reach workers too; the primary decides what happens.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});

// Rule V1: a bug outside any request. Stop accepting, let others finish for a moment, and let the primary start a new worker.
process.on('uncaughtException', (error) => {
  logger?.error({ error: error.stack ?? String(error) }, 'worker stops after an unexpected error');
  if (isDraining || worker === null) process.exit(exitAfterBug);
  isDraining = true;
  void worker
    .drain(Math.min(worker.core.settings.shutdownGraceMs, 5_000))
    .finally(() => process.exit(exitAfterBug));
});

send({ kind: 'up' });
