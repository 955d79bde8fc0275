import { connect, type NatsConnection as Nats } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsSettings } from '../config/settings.js';
import { natsOptions } from './nats.options.js';

const RETRY_MS = 500;
const DRAIN_MS = 2_000;

export interface ConnectOptions {
  /** Shown by the broker's monitoring. */
  name: string;
  /** Ends the attempts. */
  signal: AbortSignal;
  /** Called after each attempt that failed. */
  onFailure: (error: unknown) => void;
}

/**
 * Resolves with a first connection however long the broker is away, or with undefined when the signal ended
 * the attempts. The client's own waitOnFirstConnect cannot be stopped, and would keep a process that is
 * asked to end alive.
 */
export async function connectUntilAborted(
  settings: NatsSettings,
  options: ConnectOptions,
): Promise<Nats | undefined> {
  const { name, signal, onFailure } = options;
  while (!signal.aborted) {
    try {
      const nats = await connect(await natsOptions(settings, name));
      if (!signal.aborted) return nats;
      await nats.close();
    } catch (error) {
      onFailure(error);
      await pause(signal);
    }
  }
  return undefined;
}

/** The largest message that the broker takes at present; undefined where it cannot be asked. */
export async function maxPayloadNow(settings: NatsSettings): Promise<number | undefined> {
  try {
    const options = await natsOptions(settings, 'payments-limits');
    const nats = await connect({ ...options, reconnect: false });
    const limit = nats.info?.max_payload;
    await nats.close();
    return limit;
  } catch {
    return undefined;
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await delay(RETRY_MS, undefined, { signal });
  } catch {
    // Aborted: the loop sees it.
  }
}

/** Sends what is buffered and closes; a broker that is away or frozen delays that by 2 s at most. */
export async function drainAndClose(nats: Nats): Promise<void> {
  if (nats.isClosed()) return;
  const drained = nats.drain().catch(() => undefined);
  await Promise.race([drained, delay(DRAIN_MS, undefined, { ref: false })]);
  await nats.close();
}
