import { refused } from '../conekta.errors.js';
import { randomDigits } from '../conekta.ids.js';
import type { Charge, ChargePaymentMethod } from '../conekta.types.js';
import type { ConektaWorld, OrderRecord } from '../conekta.world.js';
import { newCharge, type ChargeParts } from '../objects/charge.object.js';
import { chargePaid } from './order.ends.js';
import { addCharge, setOrder } from './status.moves.js';

type WaitingParts = Omit<ChargeParts, 'status' | 'installments'>;

/** A reference, a CLABE or a lender's page is handed out; the money comes days later, or never. */
export function startWaiting(world: ConektaWorld, record: OrderRecord, parts: WaitingParts): Charge {
  const { order } = record;
  const charge = newCharge(world, order, { ...parts, status: 'pending_payment' });
  addCharge(world, order, charge);
  if (order.payment_status !== 'pending_payment') {
    setOrder(world, order, 'pending_payment', 'order.pending_payment');
  }
  return charge;
}

export interface Arrival {
  /** Who takes the money: the shop, or the bank by SPEI. */
  by: ChargePaymentMethod['object'][];
  /** Also for a charge that expired or was canceled: neither stops the money. */
  late: boolean;
}

/** The money arrives. Throws 428 when nothing waits for it. */
export function payWaiting(world: ConektaWorld, record: OrderRecord, { by, late }: Arrival): Charge {
  const payable: string[] = late ? ['pending_payment', 'expired', 'canceled'] : ['pending_payment'];
  const charge = record.order.charges?.data.find(
    ({ status, payment_method: method }) => payable.includes(status) && by.includes(method.object),
  );
  if (!charge) {
    throw refused('charge.not_waiting', {
      es: 'Ningún cargo espera este dinero.',
      en: 'No charge waits for this money.',
    });
  }
  if (charge.payment_method.object === 'bank_transfer_payment') {
    charge.payment_method.executed_at = new Date(world.clock.now()).toISOString();
    charge.payment_method.tracking_code = randomDigits(20);
    charge.payment_method.reference_number = randomDigits(7);
  }
  chargePaid(world, record, charge);
  return charge;
}
