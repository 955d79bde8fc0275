import { confirmIntent, applyCardOptions, createIntent, updateIntent } from '../moves/intent.direct.js';
import { cancelIntent, captureIntent } from '../moves/intent.moves.js';
import {
  intentCancel,
  intentCapture,
  intentConfirm,
  intentCreate,
  intentList,
  intentRetrieve,
  intentSearch as searchParams,
  intentUpdate,
} from '../params/intent.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { isWithin, newestFirst, pageOf } from '../stripe.lists.js';
import { intentSearch } from '../stripe.search.js';
import { route } from './api.route.js';

const PATH = '/v1/payment_intents';

export const intentRoutes = [
  route('POST', PATH, intentCreate, (world, { params }) => createIntent(world, params)),

  route('GET', PATH, intentList, (world, { params }) => {
    const intents = newestFirst(world.intents.values())
      .map(({ intent }) => intent)
      .filter((intent) => isWithin(intent.created, params.created))
      .filter(({ customer }) => params.customer === undefined || customer === params.customer);
    return pageOf(intents, params, PATH);
  }),

  route('GET', `${PATH}/search`, searchParams, (world, { params }) => {
    const matches = intentSearch(params.query);
    const found = newestFirst(world.intents.values())
      .map(({ intent }) => intent)
      .filter(matches);
    const page = pageOf(found, { limit: params.limit, starting_after: params.page }, `${PATH}/search`);
    // The page token of a search is opaque; here it is the last id of the page before.
    const next = page.has_more ? (page.data.at(-1)?.id ?? null) : null;
    return { ...page, object: 'search_result', next_page: next };
  }),

  route('GET', `${PATH}/:id`, intentRetrieve, (world, { id }) => world.intent(id).intent),

  route('POST', `${PATH}/:id`, intentUpdate, (world, { id, params }) =>
    updateIntent(world, world.intent(id), params),
  ),

  route('POST', `${PATH}/:id/confirm`, intentConfirm, (world, { id, params }) => {
    const record = world.intent(id);
    applyCardOptions(record.intent, params.payment_method_options?.card);
    if (params.setup_future_usage) record.intent.setup_future_usage = params.setup_future_usage;
    return confirmIntent(world, record, params);
  }),

  route('POST', `${PATH}/:id/capture`, intentCapture, (world, { id, params }) => {
    const record = world.intent(id);
    captureIntent(world, record, params.amount_to_capture);
    record.intent.metadata = mergedMetadata(record.intent.metadata, params.metadata);
    return record.intent;
  }),

  route('POST', `${PATH}/:id/cancel`, intentCancel, (world, { id, params }) =>
    cancelIntent(world, world.intent(id), params.cancellation_reason),
  ),
];
