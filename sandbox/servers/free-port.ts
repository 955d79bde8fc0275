import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which Linux (32768 up) and macOS (49152 up) number outgoing connections. A server
// that is down for a while would otherwise lose its port to such a connection, and a client that keeps
// reconnecting to a closed loopback port inside that range can even end up connected to itself.
const FIRST = 15_000;
const LAST = 32_000;
const ATTEMPTS = 100;

/** Whether a server could listen on this loopback port now. */
export async function isPortFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)));
  });
}

/**
 * A loopback TCP port that nobody listens on and that stays free while its server is down or restarting.
 * Nothing is reserved: another process may take it before you listen.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FIRST, LAST);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`no free loopback port among ${ATTEMPTS} tried between ${FIRST} and ${LAST}`);
}
