import { API_VERSION } from '../event.log.js';
import type { EndpointCreateParams } from '../params/endpoint.params.js';
import { newId } from '../stripe.ids.js';
import type { WebhookEndpoint } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export function newEndpoint(world: StripeWorld, params: EndpointCreateParams): WebhookEndpoint {
  return {
    id: newId('we'),
    object: 'webhook_endpoint',
    api_version: params.api_version ?? API_VERSION,
    application: null,
    created: world.clock.seconds(),
    description: params.description || null,
    enabled_events: params.enabled_events,
    livemode: false,
    metadata: params.metadata ?? {},
    status: 'enabled',
    url: params.url,
  };
}
