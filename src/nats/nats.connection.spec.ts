import { afterEach, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { natsSettings } from '../../test/support/outbox/outbox.bed.js';
import { until } from '../../test/support/outbox/until.js';
import { freePort } from '../sandbox/servers/free-port.js';
import { type NatsServer, startNatsServer } from '../sandbox/servers/nats.server.js';
import { NatsConnection } from './nats.connection.js';

describe('the shared NATS connection', () => {
  const servers: NatsServer[] = [];
  const connections: NatsConnection[] = [];

  afterEach(async () => {
    servers.forEach((server) => server.resume());
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function serve(options: Parameters<typeof startNatsServer>[0] = {}): Promise<NatsServer> {
    const server = await startNatsServer(options);
    servers.push(server);
    return server;
  }

  function open(url: string, change: Partial<ReturnType<typeof natsSettings>> = {}): NatsConnection {
    const connection = new NatsConnection({ ...natsSettings(url), ...change });
    connections.push(connection);
    connection.open();
    return connection;
  }

  it('comes to a broker that starts later than this process', async () => {
    const port = await freePort();
    const connection = open(`nats://127.0.0.1:${port}`);
    expect(connection.current()).toBeUndefined();
    expect(connection.interrupted().aborted).toBe(true);
    await serve({ port });
    const nats = await until(() => connection.current());
    await nats.flush();
  });

  it('is back after the broker, says so each time, and tells who waits that it was interrupted', async () => {
    const server = await serve();
    const connection = open(server.url);
    let connected = 0;
    connection.onConnected(() => (connected += 1));
    await until(() => connected === 1);
    const interrupted = connection.interrupted();
    expect(interrupted.aborted).toBe(false);
    await server.kill();
    await until(() => interrupted.aborted);
    expect(connection.current()).toBeUndefined();
    expect(connection.connectedFor()).toBe(0);
    await server.restart();
    const restarted = performance.now();
    await until(() => connected === 2);
    expect(performance.now() - restarted).toBeLessThan(1_500);
    expect(connection.interrupted().aborted).toBe(false);
  });

  it('logs in with user and password, and keeps trying after it was refused', async () => {
    const port = await freePort();
    const url = `nats://127.0.0.1:${port}`;
    const other = await startNatsServer({ port, config: 'authorization { user: a, password: other }' });
    const connection = open(url, { user: 'a', password: 'secret' });
    await until(
      async () =>
        (await readFile(join(dirname(other.storeDir), 'nats.log'), 'utf8')).split('authentication error')
          .length > 3,
    );
    expect(connection.isConnected()).toBe(false);
    await other.stop();
    await serve({ port, config: 'authorization { user: a, password: secret }' });
    await until(() => connection.isConnected());
  });

  it('closes at once while the broker is away', async () => {
    const connection = open(`nats://127.0.0.1:${await freePort()}`);
    await connection.close();
    expect(connection.isConnected()).toBe(false);
  });

  it('closes within seconds while the broker is frozen', async () => {
    const server = await serve();
    const connection = open(server.url);
    await until(() => connection.isConnected());
    server.pause();
    await connection.close();
    expect(connection.isConnected()).toBe(false);
  });

  it('sends what was published before it closes', async () => {
    const server = await serve();
    const [sender, receiver] = [open(server.url), open(server.url)];
    const [from, to] = await Promise.all([until(() => sender.current()), until(() => receiver.current())]);
    const received: string[] = [];
    to.subscribe('s', { callback: (_error, message) => void received.push(message.string()) });
    await to.flush();
    from.publish('s', 'last words');
    await sender.close();
    await until(() => received.length === 1);
    expect(received).toEqual(['last words']);
  });
});
