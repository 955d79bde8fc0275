// Loaded by jest's globalSetup, which does not map `.js` to `.ts`: imports here end in `.ts`.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { ServerProcess } from '../../../sandbox/servers/server.process.ts';

const READY_WITHIN_MS = 20_000;
const BETWEEN_TRIES_MS = 20;

/** Runs one statement on a connection of its own. */
export async function runStatement(connection: string | pg.ClientConfig, statement: string): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * Resolves when the server takes queries.
 * @throws Error with the server's last words when it ended before, or was not ready within 20 s
 */
export async function waitForPostgres(connection: pg.ClientConfig, server: ServerProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (server.isRunning() && Date.now() < deadline) {
    const answered = await runStatement(connection, 'select 1').then(
      () => true,
      () => false,
    );
    if (answered) return;
    await delay(BETWEEN_TRIES_MS);
  }
  const state = server.isRunning() ? 'did not get ready' : 'ended at its start';
  throw new Error(`postgres ${state}: ${server.lastWords()}`);
}

/**
 * Creates a database on the server of this URL, a copy of the template where one is named (nobody may be
 * connected to that one).
 * @returns the new database's URL
 */
export async function createDatabase(
  adminUrl: string,
  name: string = `test_${randomUUID()}`,
  options: { template?: string } = {},
): Promise<string> {
  const template = options.template ? ` template ${pg.escapeIdentifier(options.template)}` : '';
  await runStatement(adminUrl, `create database ${pg.escapeIdentifier(name)}${template}`);
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

/** Drops a database with whoever is still connected to it; nothing happens where it is gone already. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await runStatement(adminUrl, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
}
