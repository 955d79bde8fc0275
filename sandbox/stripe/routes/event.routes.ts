import { eventList, justExpand } from '../params/money.params.js';
import { badParameter, missing } from '../stripe.errors.js';
import { isWithin, newestFirst, pageOf } from '../stripe.lists.js';
import { route } from './api.route.js';

const KEPT_SECONDS = 30 * 24 * 60 * 60;

export const eventRoutes = [
  route('GET', '/v1/events', eventList, (world, { params }) => {
    if (params.type !== undefined && params.types !== undefined) {
      throw badParameter('You may only specify one of these parameters: type, types.', 'type');
    }
    const oldest = world.clock.seconds() - KEPT_SECONDS;
    const wanted = params.type === undefined ? params.types : [params.type];
    const events = newestFirst(world.log.events)
      .filter((event) => event.created >= oldest && isWithin(event.created, params.created))
      .filter((event) => wanted === undefined || wanted.some((type) => named(event.type, type)))
      .map((event) => world.log.current(event))
      .filter(
        (event) =>
          params.delivery_success === undefined || (event.pending_webhooks === 0) === params.delivery_success,
      );
    return pageOf(events, params, '/v1/events');
  }),

  route('GET', '/v1/events/:id', justExpand, (world, { id }) => {
    const event = world.log.events.find((one) => one.id === id);
    if (!event) throw missing('event', id);
    return world.log.current(event);
  }),
];

/** `charge.*` names every type that begins so. */
function named(type: string, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
