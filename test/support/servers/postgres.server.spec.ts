import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { isPortFree } from '../../../sandbox/servers/free-port.js';
import { createDatabase } from './database.js';
import { startPostgres, type PostgresServer } from './postgres.server.js';

describe('a private Postgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  async function ask(url: string, question: string): Promise<unknown> {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return (await client.query({ text: question, rowMode: 'array' })).rows[0]?.[0];
    } finally {
      await client.end();
    }
  }

  it('listens on the loopback only, with room for many connections', async () => {
    expect(await ask(server.adminUrl, 'show listen_addresses')).toBe('127.0.0.1');
    expect(await ask(server.adminUrl, 'show max_connections')).toBe('200');
  });

  it('creates databases by name and from a template', async () => {
    const template = await createDatabase(server.adminUrl, 'The "template"');
    await ask(template, 'create table orders (id int)');
    await ask(template, 'insert into orders values (7)');
    const copy = await createDatabase(server.adminUrl, 'copy', 'The "template"');
    expect(await ask(copy, 'select id from orders')).toBe(7);
    const other = await createDatabase(server.adminUrl, 'other');
    expect(await ask(other, "select to_regclass('orders')")).toBeNull();
  });

  it.each(['kill', 'restart'] as const)('keeps port and committed rows through %s', async (how) => {
    const url = await createDatabase(server.adminUrl, how);
    await ask(url, 'create table kept (id int)');
    await ask(url, 'insert into kept values (1)');
    const { pid, port } = server;
    if (how === 'kill') {
      await server.kill();
      expect(await isPortFree(port)).toBe(true);
      await expect(ask(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    }
    await server.restart();
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await ask(url, 'select id from kept')).toBe(1);
  });

  it('cuts connections that are open when it is killed', async () => {
    const client = new pg.Client(server.adminUrl);
    // The server's word and the closed socket are an error each.
    const lost = new Promise<Error>((resolve) => client.on('error', resolve));
    await client.connect();
    await server.kill();
    expect((await lost).message).toMatch(/terminat/);
    await server.restart();
  });
});
