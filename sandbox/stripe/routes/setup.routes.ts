import { confirmSetup, createSetup, requireUnfinished } from '../moves/setup.session.js';
import { endSetup } from '../moves/setup.moves.js';
import {
  setupCancel,
  setupConfirm,
  setupCreate,
  setupList,
  setupRetrieve,
  setupUpdate,
} from '../params/setup.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { refused } from '../stripe.errors.js';
import { isWithin, newestFirst, pageOf } from '../stripe.lists.js';
import { route } from './api.route.js';

const PATH = '/v1/setup_intents';

export const setupRoutes = [
  route('POST', PATH, setupCreate, (world, { params }) => createSetup(world, params)),

  route('GET', PATH, setupList, (world, { params }) => {
    const intents = newestFirst(world.setupIntents.values())
      .map(({ intent }) => intent)
      .filter((intent) => isWithin(intent.created, params.created))
      .filter(({ customer }) => params.customer === undefined || customer === params.customer)
      .filter((intent) => !params.payment_method || intent.payment_method === params.payment_method);
    return pageOf(intents, params, PATH);
  }),

  route('GET', `${PATH}/:id`, setupRetrieve, (world, { id }) => world.setupIntent(id).intent),

  route('POST', `${PATH}/:id`, setupUpdate, (world, { id, params }) => {
    const { intent } = world.setupIntent(id);
    intent.metadata = mergedMetadata(intent.metadata, params.metadata);
    if (params.description !== undefined) intent.description = params.description;
    if (params.customer !== undefined) intent.customer = world.customer(params.customer, 'customer').id;
    return intent;
  }),

  route('POST', `${PATH}/:id/confirm`, setupConfirm, (world, { id, params }) =>
    confirmSetup(world, world.setupIntent(id), params),
  ),

  route('POST', `${PATH}/:id/cancel`, setupCancel, (world, { id, params }) => {
    const record = world.setupIntent(id);
    requireUnfinished(record.intent, 'canceled');
    if (record.sessionId) throw refused('You cannot cancel the SetupIntent of a Checkout Session.');
    return endSetup(world, record, params.cancellation_reason);
  }),
];
