import { refused } from '../conekta.errors.js';
import { newId } from '../conekta.ids.js';
import type { Charge, Chargeback, Order } from '../conekta.types.js';
import type { ConektaWorld } from '../conekta.world.js';
import { setOrder } from './status.moves.js';

const EVIDENCE_SECONDS = 7 * 24 * 60 * 60;

/** The customer's bank takes the money back until it is decided whose it is. */
export function openChargeback(world: ConektaWorld, order: Order, reason = 'unrecognized'): Chargeback {
  const charge = order.charges?.data.find(({ paid_at, status }) => paid_at && status !== 'refunded');
  if (!charge || charge.chargeback) {
    throw refused('charge.cannot_be_disputed', {
      es: 'No hay un cargo que se pueda disputar.',
      en: 'There is no charge to dispute.',
    });
  }
  const now = world.clock.seconds();
  const chargeback: Chargeback = {
    id: newId('chbk'),
    object: 'chargeback',
    status: 'action_required',
    reason,
    note: null,
    followup_status: null,
    response_from_client: null,
    files: [],
    charge_id: charge.id,
    created_at: now,
    evidence_due_by: now + EVIDENCE_SECONDS,
  };
  charge.chargeback = chargeback;
  charge.status = 'charged_back';
  world.log.emit('charge.chargeback.created', chargeback);
  setOrder(world, order, 'charged_back', 'order.charged_back');
  return chargeback;
}

/** The shop's evidence went to the bank. */
export function updateChargeback(world: ConektaWorld, order: Order): Chargeback {
  const { chargeback } = openOne(order);
  changeTo(world, chargeback, 'under_review', 'updated');
  world.log.emit('charge.chargeback.under_review', chargeback);
  return chargeback;
}

/** The bank's decision. What is won comes back, also after it was lost: the order is paid again. */
export function closeChargeback(world: ConektaWorld, order: Order, outcome: 'won' | 'lost'): Chargeback {
  const { charge, chargeback } = outcome === 'won' ? undecidedOrLost(order) : openOne(order);
  changeTo(world, chargeback, outcome, outcome);
  if (outcome === 'lost') return chargeback;
  charge.status = order.amount_refunded > 0 ? 'partially_refunded' : 'paid';
  setOrder(world, order, charge.status, 'order.updated');
  return chargeback;
}

function changeTo(
  world: ConektaWorld,
  chargeback: Chargeback,
  status: Chargeback['status'],
  event: string,
): void {
  const previous = { status: chargeback.status };
  chargeback.status = status;
  world.log.emit(`charge.chargeback.${event}`, chargeback, previous);
}

function undecidedOrLost(order: Order): { charge: Charge; chargeback: Chargeback } {
  const lost = order.charges?.data.find(({ chargeback }) => chargeback?.status === 'lost');
  return lost?.chargeback ? { charge: lost, chargeback: lost.chargeback } : openOne(order);
}

function openOne(order: Order): { charge: Charge; chargeback: Chargeback } {
  for (const charge of order.charges?.data ?? []) {
    const { chargeback } = charge;
    if (chargeback && chargeback.status !== 'won' && chargeback.status !== 'lost') {
      return { charge, chargeback };
    }
  }
  throw refused('charge.no_chargeback', {
    es: 'No hay una disputa abierta.',
    en: 'There is no open chargeback.',
  });
}
