import { endSubscription } from '../moves/subscription.cancel.js';
import { currentPeriod } from '../moves/subscription.changes.js';
import { createSubscription } from '../moves/subscription.create.js';
import { isOver } from '../moves/subscription.ends.js';
import { pauseSubscription, resumeSubscription } from '../moves/subscription.pause.js';
import { updateSubscription } from '../moves/subscription.update.js';
import { justExpand } from '../params/money.params.js';
import {
  subscriptionCancel,
  subscriptionCreate,
  subscriptionList,
  subscriptionPause,
  subscriptionResume,
  subscriptionUpdate,
} from '../params/subscription.params.js';
import { isWithin, newestFirst, pageOf } from '../stripe.lists.js';
import { route } from './api.route.js';
import type { Subscription } from '../stripe.types.js';

const PATH = '/v1/subscriptions';

export const subscriptionRoutes = [
  route('POST', PATH, subscriptionCreate, (world, { params }) => createSubscription(world, params)),

  route('GET', PATH, subscriptionList, (world, { params }) => {
    const price = params.price ?? params.plan;
    const subscriptions = newestFirst(world.billing.subscriptions.values())
      .map(({ subscription }) => subscription)
      .filter((subscription) => isWithin(subscription.created, params.created))
      .filter((subscription) => hasStatus(subscription, params.status))
      .filter(({ customer }) => params.customer === undefined || customer === params.customer)
      .filter(({ items }) => price === undefined || items.data.some((item) => item.price.id === price))
      .filter((subscription) => {
        const { start, end } = currentPeriod(subscription);
        return isWithin(start, params.current_period_start) && isWithin(end, params.current_period_end);
      });
    return pageOf(subscriptions, params, PATH);
  }),

  route('GET', `${PATH}/:id`, justExpand, (world, { id }) => world.billing.subscription(id).subscription),

  route('POST', `${PATH}/:id`, subscriptionUpdate, (world, { id, params }) =>
    updateSubscription(world, world.billing.subscription(id), params),
  ),

  route('DELETE', `${PATH}/:id`, subscriptionCancel, (world, { id, params }) =>
    endSubscription(world, world.billing.subscription(id), params),
  ),

  route('POST', `${PATH}/:id/pause`, subscriptionPause, (world, { id, params }) =>
    pauseSubscription(world, world.billing.subscription(id), params),
  ),

  route('POST', `${PATH}/:id/resume`, subscriptionResume, (world, { id, params }) =>
    resumeSubscription(world, world.billing.subscription(id), params),
  ),
];

/** Without a status a list holds everything that is not canceled. */
function hasStatus(subscription: Subscription, wanted: string | undefined): boolean {
  if (wanted === undefined) return subscription.status !== 'canceled';
  if (wanted === 'all') return true;
  return wanted === 'ended' ? isOver(subscription) : subscription.status === wanted;
}
