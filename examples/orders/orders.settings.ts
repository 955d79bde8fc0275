/** Which of the two ways to learn of a payment this process uses. */
export type Listener = 'legacy' | 'durable' | 'both';

export interface OrdersSettings {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  readonly nats: NatsSettings;
  /** Of a Postgres database of its own; without it the driver's own variables count: PGHOST, PGDATABASE and so on. */
  readonly databaseUrl?: string;
  readonly listener: Listener;
}

export interface NatsSettings {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
}

/** The token under which Nest injects the settings. */
export const ORDERS_SETTINGS = Symbol('ORDERS_SETTINGS');

/**
 * Reads PORT (3002), HOST (127.0.0.1), NATS_SERVERS (comma list), NATS_USER, NATS_PASSWORD,
 * ORDERS_DATABASE_URL and ORDERS_LISTENER (both).
 * @throws Error that names the variable at fault
 */
export function readSettings(env: NodeJS.ProcessEnv): OrdersSettings {
  return {
    port: readPort(env['PORT'] || '3002'),
    host: env['HOST'] || '127.0.0.1',
    nats: {
      servers: (env['NATS_SERVERS'] || 'nats://127.0.0.1:4222').split(',').map((server) => server.trim()),
      user: env['NATS_USER'] || undefined,
      pass: env['NATS_PASSWORD'] || undefined,
    },
    databaseUrl: env['ORDERS_DATABASE_URL'] || undefined,
    listener: readListener(env['ORDERS_LISTENER'] || 'both'),
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT must be a port number');
  return port;
}

function readListener(text: string): Listener {
  if (text === 'legacy' || text === 'durable' || text === 'both') return text;
  throw new Error('ORDERS_LISTENER must be legacy, durable or both');
}
