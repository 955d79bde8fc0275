import { SandboxClock } from '../clock.js';
import { DeliveryQueue } from '../delivery.queue.js';
import { Faults } from '../faults.js';
import { listen, newSandboxServer } from '../sandbox.server.js';
import { serveBarcodes } from './barcode.routes.js';
import { newCheckoutActs } from './conekta.acts.js';
import { serveApi } from './conekta.api.js';
import { newControls } from './conekta.controls.js';
import { shown } from './conekta.lists.js';
import type { ConektaSandbox, ConektaSandboxOptions } from './conekta.sandbox.types.js';
import type { Webhook } from './conekta.types.js';
import { ConektaWorld } from './conekta.world.js';
import { serveConfirmations } from './confirm.routes.js';
import { serveControls } from './control.routes.js';
import { EventLog } from './event.log.js';
import { playDue } from './moves/due.moves.js';
import { addWebhook } from './moves/webhook.moves.js';
import { serveCheckoutPages } from './pages/page.routes.js';
import { WebhookKeys } from './webhook.keys.js';

export type * from './conekta.sandbox.types.js';

export const DEFAULT_PRIVATE_KEY = 'key_sandboxconekta00001';
export const DEFAULT_PUBLIC_KEY = 'key_sandboxpublic000001';
const DEFAULT_RETRIES_MS = [500, 2_000, 10_000, 30_000, 60_000];
const WEBHOOK_TIMEOUT_MS = 10_000;
const DUE_EVERY_MS = 1_000;

/**
 * Starts a stand-in Conekta on loopback: the API, the payment component and the hosted page, webhooks
 * signed by RSA keys, and controls to play the customer and to break things. No money, no network
 * beyond the webhook receivers. It is for development and tests.
 */
export async function startConektaSandbox(options: ConektaSandboxOptions = {}): Promise<ConektaSandbox> {
  const clock = new SandboxClock(options.now);
  const { livemode = false, refuseLocalWebhooks = true, webhookKey } = options;
  const { privateKey = DEFAULT_PRIVATE_KEY, publicKey = DEFAULT_PUBLIC_KEY } = options;
  const keys = new WebhookKeys(clock, livemode);
  keys.add(true, webhookKey);
  const queue: DeliveryQueue = new DeliveryQueue({
    headersFor: (body) => ({
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Conekta/Sandbox',
      ...digestOf(keys, body),
    }),
    retryScheduleMs: options.retryScheduleMs ?? DEFAULT_RETRIES_MS,
    timeoutMs: options.webhookTimeoutMs ?? WEBHOOK_TIMEOUT_MS,
    // Any other answer, 201 and 204 among them, is tried again.
    isTaken: (status) => status === 200,
    onAttempt: (record) => log.note(record),
  });
  const webhooks = new Map<string, Webhook>();
  const log: EventLog = new EventLog(clock, queue, livemode, webhooks, (object) =>
    shown(object, world.pages, world.baseUrl),
  );
  const world: ConektaWorld = new ConektaWorld(clock, log, keys, webhooks, { livemode, refuseLocalWebhooks });
  const setWebhooks = (urls: string[]): void => {
    webhooks.clear();
    for (const url of urls) addWebhook(world, url);
  };
  setWebhooks(options.webhookUrls ?? []);

  const faults = new Faults();
  const acts = newCheckoutActs(world);
  const controls = newControls(world, queue, acts);
  const server = newSandboxServer();
  serveApi(server, { world, faults, privateKey });
  serveCheckoutPages(server, { acts, publicKey, baseUrl: () => world.baseUrl });
  serveBarcodes(server);
  serveConfirmations(server, world);
  serveControls(server, { controls, faults, setWebhooks });
  const url = await listen(server, { host: options.host ?? '127.0.0.1', port: options.port ?? 0 });
  world.baseUrl = url;
  const timer = setInterval(() => playDue(world), DUE_EVERY_MS);

  const close = async (): Promise<void> => {
    clearInterval(timer);
    queue.close();
    faults.release();
    await server.close();
  };
  // Not spread: what the controls compute is read when it is asked for.
  return Object.assign(controls, { url, privateKey, publicKey, acts, close, faults, setWebhooks });
}

function digestOf(keys: WebhookKeys, body: Buffer): Record<string, string> {
  const digest = keys.sign(body);
  return digest === undefined ? {} : { digest };
}
