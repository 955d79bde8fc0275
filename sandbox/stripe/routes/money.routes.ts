import { closeDispute, submitEvidence } from '../moves/dispute.moves.js';
import { cancelRefund, refundCharge } from '../moves/refund.moves.js';
import {
  chargeList,
  chargeUpdate,
  disputeList,
  disputeUpdate,
  justExpand,
  refundCreate,
  refundList,
  refundUpdate,
} from '../params/money.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { badParameter, refused } from '../stripe.errors.js';
import { isWithin, newestFirst, pageOf } from '../stripe.lists.js';
import type { Charge } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { route } from './api.route.js';

export const chargeRoutes = [
  route('GET', '/v1/charges', chargeList, (world, { params }) => {
    const charges = newestFirst(world.charges.values())
      .filter((charge) => isWithin(charge.created, params.created))
      .filter(({ customer }) => params.customer === undefined || customer === params.customer)
      .filter((charge) => !params.payment_intent || charge.payment_intent === params.payment_intent);
    return pageOf(charges, params, '/v1/charges');
  }),

  route('GET', '/v1/charges/:id', justExpand, (world, { id }) => world.charge(id)),

  route('POST', '/v1/charges/:id', chargeUpdate, (world, { id, params }) => {
    const charge = world.charge(id);
    const previous = { metadata: charge.metadata, description: charge.description };
    charge.metadata = mergedMetadata(charge.metadata, params.metadata);
    if (params.description !== undefined) charge.description = params.description || null;
    world.log.emit('charge.updated', charge, previous);
    return charge;
  }),
];

export const refundRoutes = [
  route('POST', '/v1/refunds', refundCreate, (world, { params }) =>
    refundCharge(world, chargeToRefund(world, params), params),
  ),

  route('GET', '/v1/refunds', refundList, (world, { params }) => {
    const refunds = newestFirst(world.refunds.values())
      .filter((refund) => isWithin(refund.created, params.created))
      .filter(({ charge }) => params.charge === undefined || charge === params.charge)
      .filter((refund) => !params.payment_intent || refund.payment_intent === params.payment_intent);
    return pageOf(refunds, params, '/v1/refunds');
  }),

  route('GET', '/v1/refunds/:id', justExpand, (world, { id }) => world.refund(id)),

  route('POST', '/v1/refunds/:id', refundUpdate, (world, { id, params }) => {
    const refund = world.refund(id);
    const previous = { metadata: refund.metadata };
    refund.metadata = mergedMetadata(refund.metadata, params.metadata);
    world.log.emit('refund.updated', refund, previous);
    world.log.emit('charge.refund.updated', refund, previous);
    return refund;
  }),

  route('POST', '/v1/refunds/:id/cancel', justExpand, (world, { id }) =>
    cancelRefund(world, world.refund(id)),
  ),
];

export const disputeRoutes = [
  route('GET', '/v1/disputes', disputeList, (world, { params }) => {
    const disputes = newestFirst(world.disputes.values())
      .filter((dispute) => isWithin(dispute.created, params.created))
      .filter(({ charge }) => params.charge === undefined || charge === params.charge)
      .filter((dispute) => !params.payment_intent || dispute.payment_intent === params.payment_intent);
    return pageOf(disputes, params, '/v1/disputes');
  }),

  route('GET', '/v1/disputes/:id', justExpand, (world, { id }) => world.dispute(id)),

  route('POST', '/v1/disputes/:id', disputeUpdate, (world, { id, params }) => {
    const dispute = world.dispute(id);
    dispute.metadata = mergedMetadata(dispute.metadata, params.metadata);
    // Stripe hands evidence in unless it is told to wait.
    return params.submit === false ? dispute : submitEvidence(world, dispute);
  }),

  route('POST', '/v1/disputes/:id/close', justExpand, (world, { id }) =>
    closeDispute(world, world.dispute(id), 'lost'),
  ),
];

function chargeToRefund(world: StripeWorld, params: { charge?: string; payment_intent?: string }): Charge {
  if (params.charge !== undefined) return world.charge(params.charge, 'charge');
  if (params.payment_intent === undefined) {
    const message =
      'One of the following params should be provided for this request: payment_intent or charge.';
    throw badParameter(message, 'payment_intent', 'parameter_missing');
  }
  const { intent } = world.intent(params.payment_intent, 'payment_intent');
  if (intent.latest_charge === null) {
    throw refused(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`, {
      param: 'payment_intent',
    });
  }
  return world.charge(intent.latest_charge);
}
