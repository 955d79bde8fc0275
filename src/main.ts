import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { startApp } from './app.js';
import { EnvironmentFaults } from './config/environment.js';
import { readSettings } from './config/settings.module.js';
import { describeError } from './database/sql.errors.js';
import { ReadinessRegistry } from './ops/readiness.js';
import { armFailpoint, FAILPOINTS } from './kernel/failpoint.js';

/** What closing may take, after the drain. docker-compose.yml allows for both together. */
const SHUTDOWN_PATIENCE_MS = 30_000;

async function main(): Promise<void> {
  const { failpoint, shutdownDrainMs } = readSettings().service;
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

main().catch((error: unknown) => {
  // Before the logger stands: one plain message, and no stack for a wrong environment.
  process.stderr.write(`${error instanceof EnvironmentFaults ? error.message : describe(error)}\n`);
  process.exit(1);
});

function describe(error: unknown): string {
  return `The service could not start: ${describeError(error)}`;
}
