import 'reflect-metadata';
import { startApp } from './app.js';
import { EnvironmentFaults } from './config/environment.js';
import { readSettings } from './config/settings.module.js';
import { ReadinessRegistry } from './ops/readiness.js';
import { armFailpoint, FAILPOINTS } from './kernel/failpoint.js';

const SHUTDOWN_PATIENCE_MS = 30_000;

async function main(): Promise<void> {
  const { failpoint } = readSettings().service;
  const armed = FAILPOINTS.find((name) => name === failpoint);
  if (armed !== undefined) armFailpoint(armed);
  const { app } = await startApp();
  let closing = false;
  const close = (): void => {
    if (closing) return;
    closing = true;
    app.get(ReadinessRegistry).beginShutdown();
    // Whatever hangs must not keep the process from ending: everything promised is in the database.
    setTimeout(() => process.exit(1), SHUTDOWN_PATIENCE_MS).unref();
    void app.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}

main().catch((error: unknown) => {
  // Before the logger stands: one plain message, and no stack for a wrong environment.
  process.stderr.write(`${error instanceof EnvironmentFaults ? error.message : describe(error)}\n`);
  process.exit(1);
});

function describe(error: unknown): string {
  return error instanceof Error ? `The service could not start: ${error.message}` : String(error);
}
