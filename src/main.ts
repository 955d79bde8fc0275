import { complaintAboutNode } from './kernel/node.version.js';

const SHUTDOWN_PATIENCE_MS = 30_000;

async function main(): Promise<void> {
  await import('reflect-metadata');
  const { startApp } = await import('./app.js');
  const { readSettings } = await import('./config/settings.module.js');
  const { ReadinessRegistry } = await import('./ops/readiness.js');
  const { armFailpoint, FAILPOINTS } = await import('./kernel/failpoint.js');
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
