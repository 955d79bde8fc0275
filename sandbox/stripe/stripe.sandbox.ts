import { SandboxClock } from '../clock.js';
import { DeliveryQueue } from '../delivery.queue.js';
import { Faults } from '../faults.js';
import { listen, newSandboxServer } from '../sandbox.server.js';
import { DEFAULT_DUNNING } from './billing.book.js';
import { serveControls } from './control.routes.js';
import { EndpointBook } from './endpoint.book.js';
import { EventLog, type SignDelivery } from './event.log.js';
import { IdempotencyStore } from './idempotency.store.js';
import { playDue } from './moves/billing.due.js';
import { serveAuthentication } from './pages/authenticate.routes.js';
import { serveEmbed } from './pages/embed.routes.js';
import { servePages } from './pages/page.routes.js';
import { serveApi } from './stripe.api.js';
import { newControls } from './stripe.controls.js';
import type { StripeSandbox, StripeSandboxOptions } from './stripe.sandbox.types.js';
import { StripeWorld } from './stripe.world.js';
import { signWebhook } from './webhook.signer.js';

export type * from './billing.sandbox.types.js';
export type * from './stripe.sandbox.types.js';

export const DEFAULT_SECRET_KEY = 'sk_test_sandbox';
export const DEFAULT_PUBLISHABLE_KEY = 'pk_test_sandbox';
export const DEFAULT_WEBHOOK_SECRET = 'whsec_sandbox';
export const DEFAULT_THIN_SECRET = 'whsec_sandbox_thin';
const DEFAULT_RETRIES_MS = [500, 2_000, 10_000, 30_000, 60_000];
const WEBHOOK_TIMEOUT_MS = 10_000;
const DUE_EVERY_MS = 1_000;

/**
 * Starts a stand-in Stripe on loopback: the API for the real SDK, a hosted payment page, signed
 * webhooks, and controls to play the customer and to break things. No money, no network beyond the
 * webhook receivers. It is for development and tests.
 */
export async function startStripeSandbox(options: StripeSandboxOptions = {}): Promise<StripeSandbox> {
  const clock = new SandboxClock(options.now);
  let secrets = options.webhookSecrets ?? [DEFAULT_WEBHOOK_SECRET];
  const sign: SignDelivery = (body, signing) => ({
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    accept: '*/*; q=0.5, application/xml',
    'stripe-signature': signWebhook(body, signing, clock.wallSeconds()),
  });
  const queue = new DeliveryQueue({
    headersFor: (body) => sign(body, secrets),
    retryScheduleMs: options.retryScheduleMs ?? DEFAULT_RETRIES_MS,
    timeoutMs: options.webhookTimeoutMs ?? WEBHOOK_TIMEOUT_MS,
  });
  queue.setUrls(options.webhookUrls ?? []);

  const endpoints = new EndpointBook();
  const log = new EventLog(clock, queue, endpoints, sign, options.thinSecret ?? DEFAULT_THIN_SECRET);
  log.payload = options.payload ?? log.payload;
  const world = new StripeWorld(clock, log, endpoints, options.accountId);
  world.billing.dunning = { ...DEFAULT_DUNNING, ...options.dunning };
  const faults = new Faults();
  const controls = newControls(world, queue);
  const setWebhooks = (urls: string[], changed: string[] = secrets): void => {
    queue.setUrls(urls);
    secrets = [...changed];
  };

  const server = newSandboxServer();
  const secretKey = options.secretKey ?? DEFAULT_SECRET_KEY;
  serveApi(server, { world, faults, keys: new IdempotencyStore(clock), secretKey });
  servePages(server, world);
  serveAuthentication(server, world);
  serveEmbed(server, world, options.publishableKey ?? DEFAULT_PUBLISHABLE_KEY);
  serveControls(server, { controls, faults, setWebhooks });
  const url = await listen(server, { host: options.host ?? '127.0.0.1', port: options.port ?? 0 });
  world.baseUrl = url;
  world.receiptBase = options.receiptBase?.replace(/\/+$/, '') ?? null;
  const timer = setInterval(() => playDue(world), DUE_EVERY_MS);

  const close = async (): Promise<void> => {
    clearInterval(timer);
    queue.close();
    faults.release();
    await server.close();
  };
  // Not spread: `delivery.log` and the like are read when they are asked for.
  return Object.assign(controls, { url, close, faults, setWebhooks });
}
