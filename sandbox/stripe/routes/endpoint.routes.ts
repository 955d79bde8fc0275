import { isWebUrl } from '../../page.html.js';
import { newEndpoint } from '../objects/endpoint.object.js';
import { endpointCreate, endpointList, endpointUpdate } from '../params/endpoint.params.js';
import { justExpand } from '../params/money.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { badParameter, refused } from '../stripe.errors.js';
import { newId } from '../stripe.ids.js';
import { newestFirst, pageOf } from '../stripe.lists.js';
import { route } from './api.route.js';

const PATH = '/v1/webhook_endpoints';
const MOST = 16;

/** Unlike Stripe's own, these endpoints may be on this machine: that is where they are received. */
export const endpointRoutes = [
  route('POST', PATH, endpointCreate, (world, { params }) => {
    checkUrl(params.url);
    checkEvents(params.enabled_events);
    if (world.endpoints.all.length >= MOST) {
      throw refused(`You have reached the maximum of ${MOST} test webhook endpoints.`);
    }
    const endpoint = newEndpoint(world, params);
    const secret = newId('whsec', 32);
    world.endpoints.add({ endpoint, secret });
    return { ...endpoint, secret };
  }),

  route('GET', PATH, endpointList, (world, { params }) =>
    pageOf(newestFirst(world.endpoints.all.map(({ endpoint }) => endpoint)), params, PATH),
  ),

  route('GET', `${PATH}/:id`, justExpand, (world, { id }) => world.endpoint(id)),

  route('POST', `${PATH}/:id`, endpointUpdate, (world, { id, params }) => {
    const endpoint = world.endpoint(id);
    const { url, enabled_events: events, disabled, description } = params;
    if (url !== undefined) {
      checkUrl(url);
      endpoint.url = url;
    }
    if (events !== undefined) {
      checkEvents(events);
      endpoint.enabled_events = events;
    }
    if (disabled !== undefined) endpoint.status = disabled ? 'disabled' : 'enabled';
    if (description !== undefined) endpoint.description = description || null;
    endpoint.metadata = mergedMetadata(endpoint.metadata, params.metadata);
    return endpoint;
  }),

  route('DELETE', `${PATH}/:id`, justExpand, (world, { id }) => {
    world.endpoint(id);
    world.endpoints.remove(id);
    return { id, object: 'webhook_endpoint', deleted: true };
  }),
];

function checkUrl(url: string): void {
  if (!isWebUrl(url))
    throw badParameter('Invalid URL: an explicit scheme (such as https) must be given.', 'url');
}

function checkEvents(events: string[]): void {
  const alone = events.length === 1 || !events.includes('*');
  if (events.length > 0 && alone) return;
  throw badParameter('`enabled_events` takes either `*` or names of events.', 'enabled_events');
}
