import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { relay } from './tcp.relay.js';

export interface TcpProxy {
  readonly port: number;
  /** Taken from either side so far, forwarded or swallowed: tells when a black hole has what was sent. */
  readonly bytesTaken: number;
  /** `nats` → `nats://127.0.0.1:port` */
  url(scheme: string): string;
  /** The same URL with the proxy's host and port in it: user, path and query stay. */
  through(url: string): string;
  /** Resets every connection, and refuses new ones until `restore()`. */
  cut(): Promise<void>;
  /** Forwards at once again; connections that lost bytes in a black hole are reset. */
  restore(): Promise<void>;
  /** Connections stay open and new ones are accepted, but every byte is swallowed. */
  blackHole(): void;
  /** Each chunk arrives this many milliseconds later, in both directions, in order. */
  delay(ms: number): void;
  stop(): Promise<void>;
}

/** Starts a TCP proxy on a free loopback port, for tests that disturb the network between two programs. */
export async function startTcpProxy(options: { target: { host: string; port: number } }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const holed = new Set<Socket>();
  const line = { delayMs: 0, swallows: false, bytesTaken: 0 };

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    if (line.swallows) holed.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      holed.delete(socket);
    });
    // A reset is what these tests provoke; 'close' follows and ends the other side.
    socket.on('error', () => {});
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    keep(client);
    // In a black hole nothing gets as far as the target.
    if (line.swallows) {
      client.on('data', (chunk: Buffer) => (line.bytesTaken += chunk.length));
      return;
    }
    const upstream = createConnection({ ...options.target, allowHalfOpen: true, noDelay: true });
    keep(upstream);
    relay(client, upstream, line);
    relay(upstream, client, line);
  });
  const listen = async (port: number): Promise<void> => {
    server.listen({ port, host: '127.0.0.1' });
    await once(server, 'listening');
  };
  const reset = (some: Iterable<Socket>): void => {
    for (const socket of some) socket.resetAndDestroy();
  };
  const close = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    reset(sockets);
    await closed;
  };
  await listen(0);
  const port = portOf(server.address());

  return {
    port,
    get bytesTaken() {
      return line.bytesTaken;
    },
    url: (scheme) => `${scheme}://127.0.0.1:${port}`,
    through(url) {
      const rewritten = new URL(url);
      rewritten.host = `127.0.0.1:${port}`;
      return rewritten.href;
    },
    cut: close,
    async restore() {
      line.delayMs = 0;
      line.swallows = false;
      reset(holed);
      if (!server.listening) await listen(port);
    },
    blackHole() {
      line.swallows = true;
      for (const socket of sockets) holed.add(socket);
    },
    delay(ms) {
      line.delayMs = ms;
    },
    stop: close,
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the proxy has no TCP port');
  return address.port;
}
