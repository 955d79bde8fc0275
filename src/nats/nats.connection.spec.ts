import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { certificateAuthority } from '../../test/support/http/self.signed.certificate.js';
import { natsSettings } from '../../test/support/outbox/outbox.bed.js';
import { until } from '../../test/support/outbox/until.js';
import { freePort } from '../../sandbox/servers/free-port.js';
import { type NatsServer, startNatsServer } from '../../sandbox/servers/nats.server.js';
import { parseEnvironment } from '../config/environment.js';
import { connectUntilAborted, NatsConnection } from './nats.connection.js';

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

  describe('as the environment asks for it', () => {
    const authority = certificateAuthority('The shop');
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'broker-'));
      await writeFile(join(folder, 'ca.pem'), authority.cert);
      await writeFile(join(folder, 'other.pem'), certificateAuthority('Somebody').cert);
    });
    const eavesdroppers: Server[] = [];
    afterEach(() => eavesdroppers.splice(0).forEach((one) => one.close()));
    afterAll(() => rm(folder, { recursive: true }));

    const ca = () => ({ NATS_TLS_CA: join(folder, 'ca.pem') });

    /** What comes of the first attempt. */
    async function attempt(environment: Record<string, string>): Promise<'connected' | Error> {
      const provider = { STRIPE_SECRET: 'sk_test_12345678', STRIPE_ENDPOINT_SECRET: 'whsec_12345678' };
      const { nats: settings } = parseEnvironment({ ...provider, ...environment });
      const stopping = new AbortController();
      let failure: unknown;
      const onFailure = (error: unknown): void => {
        failure = error;
        stopping.abort();
      };
      const nats = await connectUntilAborted(settings, 'test', stopping.signal, onFailure);
      if (nats === undefined) return failure instanceof Error ? failure : new Error(String(failure));
      expect(nats.getServer()).not.toMatch(/s3cret/);
      await nats.close();
      return 'connected';
    }
    const failed = (message: string): unknown =>
      expect.objectContaining({ message: expect.stringContaining(message) });
    async function serveTls(hosts: string[], more = ''): Promise<NatsServer> {
      const { key, cert } = authority.issue(hosts);
      const name = hosts.join('-');
      await writeFile(join(folder, `${name}.key`), key);
      await writeFile(join(folder, `${name}.crt`), cert);
      const files = `cert_file: "${folder}/${name}.crt", key_file: "${folder}/${name}.key"`;
      return serve({ config: `tls { ${files} }\n${more}` });
    }

    it.each([
      ['S13n sends nothing to a broker in plain text where tls:// was asked for', 'tls://', () => ({})],
      ['sends nothing to a broker in plain text where an authority was named', 'nats://', ca],
    ])('%s', async (_, scheme, asked) => {
      let received = '';
      const eavesdropper = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.unref();
        socket.on('data', (bytes) => (received += bytes.toString()));
        socket.write('INFO {"server_id":"x","version":"2.10.0","proto":1,"max_payload":1048576}\r\n');
      }).listen(0, '127.0.0.1');
      eavesdroppers.push(eavesdropper);
      await once(eavesdropper, 'listening');
      const address = eavesdropper.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const environment = {
        NATS_SERVERS: `${scheme}127.0.0.1:${port}`,
        NATS_USER: 'payments',
        NATS_PASSWORD: 's3cret',
        ...asked(),
      };
      expect(await attempt(environment)).toEqual(failed("server does not support 'tls'"));
      expect(received).toBe('');
      const { port: real } = await serve();
      const refused = await attempt({ ...environment, NATS_SERVERS: `${scheme}127.0.0.1:${real}` });
      expect(refused).toEqual(failed("server does not support 'tls'"));
    });

    it('S13o believes a broker by its authority and its name, or its address', async () => {
      const named = await serveTls(['localhost']);
      const addressed = await serveTls(['127.0.0.1']);
      const at = (host: string, { port }: NatsServer) => ({ NATS_SERVERS: `tls://${host}:${port}` });
      expect(await attempt({ ...at('localhost', named), ...ca() })).toBe('connected');
      expect(await attempt({ ...at('127.0.0.1', addressed), ...ca() })).toBe('connected');
      expect(await attempt({ ...at('127.0.0.1', named), ...ca() })).toEqual(failed('altnames'));
      expect(await attempt({ ...at('localhost', addressed), ...ca() })).toEqual(failed('altnames'));
      expect(await attempt(at('localhost', named))).toEqual(failed('certificate'));
      const stranger = { NATS_TLS_CA: join(folder, 'other.pem') };
      expect(await attempt({ ...at('localhost', named), ...stranger })).toEqual(failed('certificate'));
      // The broker asks for TLS, and whoever asked for nothing gets it.
      const plain = { NATS_SERVERS: `nats://localhost:${named.port}`, ...ca() };
      expect(await attempt(plain)).toBe('connected');
    });

    it('S13p logs in as the user, or with the token, that NATS_SERVERS names', async () => {
      const { port } = await serve({ config: 'authorization { user: "p@yments", password: "s3cret/%" }' });
      const as = (who: string) => attempt({ NATS_SERVERS: `nats://${who}127.0.0.1:${port}` });
      expect(await as('p%40yments:s3cret%2F%25@')).toBe('connected');
      expect(await as('p%40yments:s3cret@')).toEqual(failed('Authorization Violation'));
      expect(await as('')).toEqual(failed('Authorization Violation'));
      const withToken = await serve({ config: 'authorization { token: "s3cret!" }' });
      expect(await attempt({ NATS_SERVERS: `s3cret%21@127.0.0.1:${withToken.port}` })).toBe('connected');
      const safe = await serveTls(['localhost'], 'authorization { user: "payments", password: "s3cret" }');
      const environment = { NATS_SERVERS: `tls://payments:s3cret@localhost:${safe.port}`, ...ca() };
      expect(await attempt(environment)).toBe('connected');
    });
  });
});
