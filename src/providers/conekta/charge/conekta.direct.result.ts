import { providerAddress } from '../../../kernel/web.address.js';
import type { ChargeResult } from '../../direct.charges.js';
import type { PaymentFact, PaymentRef } from '../../facts.js';
import { jsonOf, type Json, textOf } from '../../json.read.js';
import type { ProviderError } from '../../provider.errors.js';
import type { ProviderCall } from '../../provider.port.js';
import { forBuyer } from '../conekta.errors.js';
import { fromConektaAmount } from '../conekta.money.js';
import { CONEKTA } from '../conekta.name.js';
import type { ConektaOrder } from '../payment/conekta.order.js';
import { orderFacts } from '../payment/conekta.order.facts.js';

/** What came of a charge, by its order. @param answer the order as Conekta told it */
export function resultOf(order: ConektaOrder, answer: Json): ChargeResult {
  const facts = orderFacts(order, {}).filter((fact): fact is PaymentFact => fact.kind === 'payment');
  const isOpen = facts.every(({ name }) => name === 'attempt_failed' || name === 'pending');
  const continueAt = isOpen ? continuation(answer) : undefined;
  // One that waits for the bank has nothing to tell yet but its ids.
  const all =
    facts.length === 0 || continueAt !== undefined ? [openedFact(order, continueAt), ...facts] : facts;
  return {
    facts: all,
    livemode: order.livemode,
    continueAt,
    buyerMessage: isFailed(facts) ? forBuyer(order.charges.at(-1)?.failureMessage) : undefined,
  };
}

export function isFailed(facts: readonly PaymentFact[]): boolean {
  return facts.at(-1)?.name === 'failed';
}

/** What a refusal alone says of a charge: its order was not found, or does not show it. */
export function declinedFacts(
  { operationId, request }: ProviderCall,
  refusal: ProviderError,
  seen: { ref?: PaymentRef | undefined; livemode: boolean; now: Date },
): PaymentFact[] {
  const planned = jsonOf(request.order);
  const { paymentId, orderId } = jsonOf(planned.metadata);
  const ours = { provider: CONEKTA, paymentId: textOf(paymentId), orderId: textOf(orderId) };
  const fact = {
    kind: 'payment',
    ref: seen.ref ?? ours,
    livemode: seen.livemode,
    occurredAt: seen.now,
    money: plannedMoney(planned),
    reason: refusal.details.providerCode,
  } as const;
  return [
    { ...fact, name: 'attempt_failed', attemptId: operationId },
    { ...fact, name: 'failed' },
  ];
}

function openedFact(order: ConektaOrder, checkoutUrl: string | undefined): PaymentFact {
  const { ref, livemode, createdAt: occurredAt, money, metadata } = order;
  return { kind: 'payment', name: 'opened', ref, livemode, occurredAt, money, metadata, checkoutUrl };
}

function continuation({ next_action }: Json): string | undefined {
  return providerAddress(textOf(jsonOf(jsonOf(next_action).redirect_to_url).url));
}

function plannedMoney({ currency, line_items: lines }: Json): PaymentFact['money'] {
  const amounts = (Array.isArray(lines) ? lines : []).map((line: unknown) => {
    const { unit_price, quantity } = jsonOf(line);
    return Number(unit_price) * Number(quantity);
  });
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  return Number.isSafeInteger(total) ? fromConektaAmount(total, textOf(currency)) : undefined;
}
