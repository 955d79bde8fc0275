import { complaintAboutNode } from './kernel/node.version.js';

/** What closing may take, after the drain. docker-compose.yml allows for both together. */
const SHUTDOWN_PATIENCE_MS = 30_000;

async function main(): Promise<void> {
  await import('reflect-metadata');
  const { setTimeout: delay } = await import('node:timers/promises');
  const { readSettings } = await import('./config/settings.module.js');
  const { ReadinessRegistry } = await import('./ops/readiness.js');
  const { armFailpoint, FAILPOINTS } = await import('./kernel/failpoint.js');
  const { service, stores } = readSettings();
  const { failpoint, shutdownDrainMs } = service;
  if (stores.databaseUrl === undefined) {
    const { beginEmbeddedPostgres } = await import('./database/embedded.postgres.js');
    beginEmbeddedPostgres(stores.dataDir);
  }
  // The heavy part.
  const { startApp } = await import('./app.js');
  const armed = FAILPOINTS.find((name) => name === failpoint);
  if (armed !== undefined) armFailpoint(armed);
  const { app } = await startApp();
  let waiting: AbortController | undefined;
  const close = async (): Promise<void> => {
    if (waiting !== undefined) {
      waiting.abort();
      return;
    }
    waiting = new AbortController();
    app.get(ReadinessRegistry).beginShutdown();
    // A balancer that has not asked yet still sends work, and finds it served.
    await delay(shutdownDrainMs, undefined, { signal: waiting.signal }).catch(() => undefined);
    // Whatever hangs must not keep the process from ending: everything promised is in the database.
    setTimeout(() => process.exit(1), SHUTDOWN_PATIENCE_MS).unref();
    await app.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void close());
  process.on('SIGINT', () => void close());
}

/** Before the logger stands: one plain message with every cause, and no stack for a wrong environment. */
async function tellFailure(error: unknown): Promise<void> {
  const { withCauses } = await import('./kernel/errors.js');
  const { scrubText } = await import('./http/logging/scrub.js');
  const isEnvironment = error instanceof Error && error.name === 'EnvironmentFaults';
  const told = isEnvironment ? error.message : `The service could not start: ${withCauses(error)}`;
  process.stderr.write(`${scrubText(told)}\n`);
}

const complaint = complaintAboutNode(process.versions.node);
if (complaint === undefined)
  main().catch((error: unknown) => tellFailure(error).finally(() => process.exit(1)));
else {
  process.stderr.write(complaint);
  process.exitCode = 1;
}
