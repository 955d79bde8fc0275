import { afterEach, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort, isPortFree } from './free-port.js';
import { startNatsServer, type NatsServer, type NatsServerOptions } from './nats.server.js';

describe('a private nats-server', () => {
  const servers: NatsServer[] = [];
  const connections: NatsConnection[] = [];

  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function start(options?: NatsServerOptions): Promise<NatsServer> {
    const server = await startNatsServer(options);
    servers.push(server);
    return server;
  }

  async function open(server: NatsServer, reconnect = false): Promise<NatsConnection> {
    const connection = await connect({ servers: server.url, reconnect, reconnectTimeWait: 20 });
    connections.push(connection);
    return connection;
  }

  it('carries a request, with JetStream on, the moment its start resolves', async () => {
    const server = await start();
    const connection = await open(server);
    connection.subscribe('echo', { callback: (_error, message) => void message.respond(message.data) });
    expect((await connection.request('echo', 'hello')).string()).toBe('hello');
    expect(connection.info?.jetstream).toBe(true);
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
  });

  it('runs without JetStream when told so', async () => {
    const connection = await open(await start({ jetstream: false }));
    expect(connection.info?.jetstream ?? false).toBe(false);
  });

  it('takes a port, a name and lines of configuration', async () => {
    const port = await freePort();
    const server = await start({ port, name: 'n1', config: 'max_payload: 2048\nauthorization { token: x }' });
    expect(server.port).toBe(port);
    await expect(open(server)).rejects.toThrow(/authorization/i);
    const connection = await connect({ servers: server.url, token: 'x' });
    connections.push(connection);
    expect(connection.info).toMatchObject({ max_payload: 2048, server_name: 'n1' });
  });

  it.each(['kill', 'restart'] as const)('keeps port and stored messages through %s', async (how) => {
    const server = await start();
    const connection = await open(server);
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'KEPT', subjects: ['kept'], storage: StorageType.File });
    await jetstream(connection).publish('kept', 'a message');
    const { pid } = server;

    if (how === 'kill') {
      await server.kill();
      expect(await isPortFree(server.port)).toBe(true);
    }
    await server.restart();

    expect(server.pid).not.toBe(pid);
    const again = await jetstreamManager(await open(server));
    expect((await again.streams.getMessage('KEPT', { seq: 1 }))?.string()).toBe('a message');
  });

  it('lets a client that waits for it reconnect after a restart', async () => {
    const server = await start();
    const connection = await open(server, true);
    const reconnected = (async () => {
      for await (const status of connection.status()) if (status.type === 'reconnect') return true;
      return false;
    })();
    await server.kill();
    await server.restart();
    expect(await reconnected).toBe(true);
  });

  it('answers nothing while it is paused, and what it was asked once it is resumed', async () => {
    const server = await start();
    const connection = await open(server);
    let answered = false;
    server.pause();
    const pong = connection.flush().then(() => (answered = true));
    const other = connect({ servers: server.url, timeout: 300, reconnect: false });
    await expect(other).rejects.toThrow(/timeout/i);
    expect(answered).toBe(false);
    server.resume();
    await pong;
  });

  it('stops also while paused, and takes its folder with it', async () => {
    const server = await startNatsServer();
    const own = dirname(server.storeDir);
    expect(existsSync(own)).toBe(true);
    server.pause();
    await server.stop();
    expect(existsSync(own)).toBe(false);
    expect(await isPortFree(server.port)).toBe(true);
  });

  it('leaves a store directory that it was given', async () => {
    const storeDir = await mkdtemp(join(tmpdir(), 'store-'));
    try {
      const server = await startNatsServer({ storeDir });
      expect(server.storeDir).toBe(storeDir);
      await server.stop();
      expect(existsSync(join(storeDir, 'jetstream'))).toBe(true);
    } finally {
      await rm(storeDir, { recursive: true });
    }
  });

  it('fails with the words of the server on a port that another nats-server holds', async () => {
    const { port } = await start();
    await expect(startNatsServer({ port })).rejects.toThrow(/ended at its start: .*address already in use/s);
  });

  it('fails with the words of the server on a configuration that it does not understand', async () => {
    await expect(startNatsServer({ config: 'max_payload: {' })).rejects.toThrow(/ended at its start/);
  });
});
