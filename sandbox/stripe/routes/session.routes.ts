import { createSession } from '../moves/session.create.js';
import { expireSession } from '../moves/session.ends.js';
import {
  sessionCreate,
  sessionExpire,
  sessionLines,
  sessionList,
  sessionRetrieve,
  sessionUpdate,
} from '../params/session.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { isWithin, newestFirst, pageOf } from '../stripe.lists.js';
import { route } from './api.route.js';

const PATH = '/v1/checkout/sessions';

export const sessionRoutes = [
  route('POST', PATH, sessionCreate, (world, { params }) => createSession(world, params)),

  route('GET', PATH, sessionList, (world, { params }) => {
    const sessions = newestFirst(world.sessions.values())
      .map(({ session }) => session)
      .filter((session) => isWithin(session.created, params.created))
      .filter(({ status }) => params.status === undefined || status === params.status)
      .filter(({ customer }) => params.customer === undefined || customer === params.customer)
      .filter((session) => !params.payment_intent || session.payment_intent === params.payment_intent)
      .filter(
        ({ customer_details }) =>
          !params.customer_details || customer_details?.email === params.customer_details.email,
      )
      .filter(() => params.subscription === undefined && params.payment_link === undefined);
    return pageOf(sessions, params, PATH);
  }),

  route('GET', `${PATH}/:id`, sessionRetrieve, (world, { id }) => world.session(id).session),

  route('POST', `${PATH}/:id`, sessionUpdate, (world, { id, params }) => {
    const { session } = world.session(id);
    session.metadata = mergedMetadata(session.metadata, params.metadata);
    return session;
  }),

  route('GET', `${PATH}/:id/line_items`, sessionLines, (world, { id, params }) =>
    pageOf(world.session(id).lines, params, `${PATH}/${id}/line_items`),
  ),

  route('POST', `${PATH}/:id/expire`, sessionExpire, (world, { id }) =>
    expireSession(world, world.session(id)),
  ),
];
