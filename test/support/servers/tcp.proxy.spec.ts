import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { startTcpProxy, type TcpProxy } from './tcp.proxy.js';

describe('the TCP proxy', () => {
  let target: Server;
  let received: string;
  let proxy: TcpProxy;
  const clients: Socket[] = [];

  beforeEach(async () => {
    received = '';
    target = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString();
        socket.write(chunk);
      });
    }).listen({ port: 0, host: '127.0.0.1' });
    await once(target, 'listening');
    const address = target.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    proxy = await startTcpProxy({ target: { host: '127.0.0.1', port: address.port } });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.stop();
    target.close();
  });

  async function open(): Promise<Socket> {
    const client = createConnection({ port: proxy.port, host: '127.0.0.1' });
    clients.push(client);
    await once(client, 'connect');
    return client;
  }

  async function echo(client: Socket, words: string): Promise<string> {
    client.write(words);
    const [chunk] = await once(client, 'data');
    return String(chunk);
  }

  async function taken(bytes: number): Promise<void> {
    while (proxy.bytesTaken < bytes) await nextTurn();
  }

  it('forwards both ways, and the end of a stream', async () => {
    const client = await open();
    const all = text(client);
    client.end('first and last');
    expect(await all).toBe('first and last');
  });

  it('forwards more than the buffers hold', async () => {
    const client = await open();
    const all = text(client);
    const body = 'x'.repeat(20_000_000);
    client.end(body);
    expect((await all) === body).toBe(true);
  });

  it('gives its URL, and puts itself into a URL', () => {
    expect(proxy.url('nats')).toBe(`nats://127.0.0.1:${proxy.port}`);
    expect(proxy.through('postgres://me:pw@10.0.0.1:5432/db?x=1')).toBe(
      `postgres://me:pw@127.0.0.1:${proxy.port}/db?x=1`,
    );
  });

  it('when cut resets what is open and refuses what is new, until it is restored', async () => {
    const client = await open();
    expect(await echo(client, 'before')).toBe('before');
    const reset = once(client, 'error');
    await proxy.cut();
    expect(String((await reset)[0])).toContain('ECONNRESET');
    await expect(open()).rejects.toThrow('ECONNREFUSED');
    await proxy.restore();
    expect(await echo(await open(), 'after')).toBe('after');
  });

  it('as a black hole accepts and swallows; restored, it resets the holed and forwards the new', async () => {
    const old = await open();
    expect(await echo(old, 'before')).toBe('before');
    proxy.blackHole();
    const young = await open();
    const lost = [once(old, 'error'), once(young, 'error')];
    old.write('lost');
    young.write('lost');
    await taken(2 * 'before'.length + 2 * 'lost'.length);
    await proxy.restore();
    await Promise.all(lost);
    expect(await echo(await open(), 'after')).toBe('after');
    expect(received).toBe('beforeafter');
    expect(old.bytesRead).toBe('before'.length);
  });

  it('delays each direction, and keeps the order when the delay ends', async () => {
    const client = await open();
    proxy.delay(60);
    const sent = performance.now();
    expect(await echo(client, 'slow')).toBe('slow');
    expect(performance.now() - sent).toBeGreaterThanOrEqual(118);

    const both = new Promise<string>((resolve) => {
      let all = '';
      client.on('data', (chunk: Buffer) => {
        all += chunk.toString();
        if (all.length === 8) resolve(all);
      });
    });
    client.write('held');
    await taken(2 * 'slow'.length + 'held'.length);
    proxy.delay(0);
    client.write('fast');
    expect(await both).toBe('heldfast');
  });

  it('resets its client where the target is down', async () => {
    target.close();
    const client = await open();
    const [error] = await once(client, 'error');
    expect(String(error)).toContain('ECONNRESET');
  });
});
