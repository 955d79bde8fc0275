import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from './server.process.js';

const READY_WITHIN_MS = 20_000;
const BETWEEN_TRIES_MS = 20;

/**
 * Resolves when the server of this name greets a connection to the loopback port with its INFO line. The
 * name matters: on a port that is taken, another nats-server answers while ours is about to notice it.
 * @throws Error with the server's last words when it ended before, or was not ready within 20 s
 */
export async function waitForInfo(port: number, name: string, server: ServerProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (server.isRunning() && Date.now() < deadline) {
    const info = await readInfo(port);
    if (info.startsWith('INFO ') && info.includes(`"server_name":"${name}"`)) return;
    await delay(BETWEEN_TRIES_MS);
  }
  const state = server.isRunning() ? 'did not get ready' : 'ended at its start';
  throw new Error(`nats-server ${state}: ${server.lastWords()}`);
}

/** The first line that is sent on a new connection; empty or cut short when there is no such line. */
function readInfo(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1', timeout: 1_000 });
    let line = '';
    socket.on('data', (chunk: Buffer) => {
      line += chunk.toString();
      if (line.includes('\n')) socket.destroy();
    });
    socket.once('timeout', () => socket.destroy());
    socket.once('error', () => socket.destroy());
    socket.once('close', () => resolve(line));
  });
}
