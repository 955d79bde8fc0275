import type { Clock } from '../../../kernel/clock.js';
import { providerAddress } from '../../../kernel/web.address.js';
import type { ChargeInput, ChargeResult, ChargesPort } from '../../direct.charges.js';
import type { PaymentFact, PaymentRef } from '../../facts.js';
import { isJson, type Json, jsonOf, textOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import { CONEKTA } from '../conekta.account.js';
import type { ConektaCheckoutCalls } from '../conekta.client.js';
import { orInDoubt } from '../conekta.doubt.js';
import { forBuyer, livemodeMismatch, unusableAnswer } from '../conekta.errors.js';
import { fromConektaAmount } from '../conekta.money.js';
import { isOfCall, type OfCall } from '../session/conekta.session.read.js';
import { chargeRequest } from './conekta.charge.request.js';
import { orderFacts } from './conekta.order.facts.js';
import {
  assertShowsPayment,
  checked,
  type ConektaOrder,
  isWhole,
  orderIdOf,
  readOrder,
  standingOf,
} from './conekta.order.read.js';
import { closeOrder, findOrders } from './conekta.orders.js';

/** Conekta's clock may be behind ours. */
const CLOCK_SLACK_SECONDS = 60;

/** Orders with one charge, made in one call that is never made twice. */
export class ConektaCharges implements ChargesPort {
  constructor(
    private readonly client: ConektaCheckoutCalls,
    private readonly livemode: boolean,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly installationId?: string,
  ) {}

  plan(input: ChargeInput): ProviderCall['request'] {
    return chargeRequest(input, this.installationId);
  }

  /** To be asked to slow down, too, is no proof that nothing was charged: what came of it is found out. */
  send(call: ProviderCall): Promise<Outcome<ChargeResult>> {
    const { order: planned, language } = call.request;
    if (!isJson(planned)) throw new Error(`operation ${call.operationId} holds no planned order`);
    const metadata = { ...jsonOf(planned.metadata), operationId: call.operationId };
    const sentAt = this.clock.now();
    return orInDoubt(async () => {
      try {
        const answer = await this.client.write({
          method: 'POST',
          path: '/orders',
          body: { ...planned, metadata },
          ...(language === 'en' && { language }),
        });
        return answer.known ? await this.answered(call, answer.value) : answer;
      } catch (error) {
        if (!(error instanceof ProviderError) || error.kind !== 'declined') throw error;
        return { known: true, value: await this.declined(call, error, sentAt) };
      }
    });
  }

  async find(call: ProviderCall & { sentBefore: Date }): Promise<ChargeResult | undefined> {
    const found = await findOrders(this.client, wantedBy(call), call.sentBefore);
    const best = found.find((order) => standingOf(order) === 'paying') ?? found[0];
    return best === undefined ? undefined : this.read(best.id);
  }

  /** Cancels the order, unless a charge of it was paid meanwhile. */
  close(_call: ProviderCall, providerPaymentId: string): Promise<Outcome<{ paid: boolean }>> {
    return closeOrder(this.client, orderIdOf(providerPaymentId));
  }

  private async answered(call: ProviderCall, answer: Json): Promise<Outcome<ChargeResult>> {
    const order = readOrder(answer);
    if (order === undefined || !isOfCall(order, wantedBy(call)))
      return { known: false, error: unusableAnswer('not_our_order') };
    if (order.livemode !== this.livemode) return { known: false, error: livemodeMismatch(order.livemode) };
    if (!isWhole(answer)) return { known: true, value: await this.read(order.id) };
    assertShowsPayment(order);
    return { known: true, value: resultOf(order, answer) };
  }

  /** The order is made all the same, and knows the charge; where it cannot be read at once, the refusal suffices. */
  private async declined(call: ProviderCall, refusal: ProviderError, sentAt: Date): Promise<ChargeResult> {
    const { buyerMessage } = refusal.details;
    const result = await this.declinedOrder(call, sentAt);
    const told =
      result !== undefined && result.facts.every(({ name }) => name === 'opened') ? undefined : result;
    if (told !== undefined) return { ...told, ...(isFailed(told.facts) && { buyerMessage }) };
    const { livemode } = this;
    const ref = result?.facts[0]?.ref;
    const facts = declinedFacts(call, refusal, { ref, livemode, now: this.clock.now() });
    return { facts, livemode, buyerMessage };
  }

  /** Among the orders of just now. */
  private async declinedOrder(call: ProviderCall, sentAt: Date): Promise<ChargeResult | undefined> {
    try {
      const [made] = await findOrders(this.client, wantedBy(call), sentAt, CLOCK_SLACK_SECONDS);
      return made === undefined ? undefined : await this.read(made.id);
    } catch (error) {
      if (error instanceof ProviderError) return undefined;
      throw error;
    }
  }

  private async read(id: string): Promise<ChargeResult> {
    const answer = await this.client.order(id);
    const order = checked(answer, id);
    assertShowsPayment(order);
    if (order.livemode !== this.livemode) throw livemodeMismatch(order.livemode);
    return resultOf(order, answer);
  }
}

function wantedBy({ operationId, request }: ProviderCall): OfCall {
  const { paymentId } = jsonOf(jsonOf(request.order).metadata);
  return { operationId, paymentId: textOf(paymentId) ?? '' };
}

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
