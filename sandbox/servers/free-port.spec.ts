import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { freePort, isPortFree } from './free-port.js';

describe('freePort', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  it('gives a port that a server can listen on, outside the range of outgoing connections', async () => {
    const port = await freePort();
    server = createServer().listen({ port, host: '127.0.0.1' });
    await once(server, 'listening');
    expect(port).toBeGreaterThan(1023);
    expect(port).toBeLessThan(32_768);
  });

  it('knows a port that is taken', async () => {
    const port = await freePort();
    expect(await isPortFree(port)).toBe(true);
    server = createServer().listen({ port, host: '127.0.0.1' });
    await once(server, 'listening');
    expect(await isPortFree(port)).toBe(false);
  });
});
