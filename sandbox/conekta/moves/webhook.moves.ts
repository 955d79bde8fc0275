import { invalid, refused } from '../conekta.errors.js';
import { newHexId } from '../conekta.ids.js';
import type { Webhook } from '../conekta.types.js';
import type { ConektaWorld } from '../conekta.world.js';
import { EVENT_TYPES } from '../event.types.js';

const MAX_WEBHOOKS = 10;
const LOCAL = /localhost|127\.0\.0\.1/;

type WebhookParams = Partial<Pick<Webhook, 'url' | 'subscribed_events' | 'active'>>;

/** Registers a webhook. Throws 422 for an address that Conekta cannot reach, 428 for one too many. */
export function createWebhook(world: ConektaWorld, url: string, types?: string[]): Webhook {
  refuseLocal(world, url);
  if (world.webhooks.size >= MAX_WEBHOOKS) {
    throw refused('webhook.limit_reached', {
      es: `Ya hay ${MAX_WEBHOOKS} webhooks.`,
      en: `There are ${MAX_WEBHOOKS} webhooks already.`,
    });
  }
  const webhook = addWebhook(world, url, types);
  world.log.emit('webhook.created', webhook);
  return webhook;
}

/** @param types events that it wants; all of them when absent */
export function addWebhook(world: ConektaWorld, url: string, types: string[] = [...EVENT_TYPES]): Webhook {
  const webhook: Webhook = {
    id: newHexId(),
    object: 'webhook',
    url,
    description: '',
    status: 'listening',
    active: true,
    livemode: world.options.livemode,
    subscribed_events: types,
  };
  world.webhooks.set(webhook.id, webhook);
  return webhook;
}

export function updateWebhook(world: ConektaWorld, webhook: Webhook, params: WebhookParams): void {
  const previous = { url: webhook.url, active: webhook.active };
  if (params.url !== undefined) refuseLocal(world, params.url);
  Object.assign(webhook, params);
  world.log.emit('webhook.updated', webhook, previous);
}

export function deleteWebhook(world: ConektaWorld, webhook: Webhook): void {
  world.webhooks.delete(webhook.id);
  world.log.emit('webhook.deleted', webhook);
}

/** Sends a ping to this webhook alone, whatever it subscribed to. */
export function pingWebhook(world: ConektaWorld, webhook: Webhook): void {
  const { livemode } = world.options;
  world.log.add('webhook_ping', { livemode, action: 'ping' }, { webhooks: [webhook] });
}

/** Conekta does not reach a developer's own machine, and says so. */
function refuseLocal(world: ConektaWorld, url: string): void {
  if (!world.options.refuseLocalWebhooks || !LOCAL.test(url)) return;
  throw invalid('url', 'local_address', {
    es: 'La URL debe ser pública.',
    en: 'The URL must be a public one.',
  });
}
