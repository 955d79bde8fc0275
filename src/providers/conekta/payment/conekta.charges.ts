import { invalidField } from '../../../kernel/errors.js';
import { providerAddress } from '../../../kernel/web.address.js';
import type { PaymentFact, PaymentRef } from '../../facts.js';
import { type Json, jsonOf, listOf, metadataOf, textOf } from '../../json.read.js';
import type { ChargeInput, ChargeResult, ChargesPort } from '../../payment.ports.js';
import {
  andThen,
  inDoubt,
  known,
  orInDoubt,
  type Outcome,
  type ProviderCall,
  unlessRefused,
} from '../../provider.calls.js';
import type { ProviderError } from '../../provider.errors.js';
import { assertInstallments, given } from '../../request.rules.js';
import {
  CONEKTA,
  type ConektaAccount,
  conektaLanguage,
  fromConektaAmount,
  INSTALLMENT_MONTHS,
} from '../conekta.account.js';
import { type ConektaCheckoutCalls, isWhole } from '../conekta.client.js';
import { forBuyer, livemodeMismatch, unusableAnswer } from '../conekta.errors.js';
import { customerInfo, type CustomerInfo, orderParams, orderWriteOf } from '../conekta.request.js';
import { orderFacts, paymentFact } from './conekta.order.facts.js';
import {
  assertShowsPayment,
  checked,
  type ConektaOrder,
  isOfCall,
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
    private readonly account: ConektaAccount,
  ) {}

  /** The body of POST /orders and its language. No bank is asked for a buyer who is not there. */
  request(input: ChargeInput): ProviderCall['request'] {
    const { threeDs, buyerPresent, returnUrl, locale } = input;
    const language = locale === undefined ? undefined : conektaLanguage(locale);
    return {
      order: {
        ...orderParams(input, () => payer(input), this.account.installationId),
        charges: [{ payment_method: cardMethod(input) }],
        ...(buyerPresent && { return_url: returnUrl, ...given({ three_ds_mode: threeDs }) }),
      },
      ...given({ language }),
    };
  }

  /** Even after "slow down" something may have been charged: what came of it is found out. */
  send(call: ProviderCall): Promise<Outcome<ChargeResult>> {
    const write = orderWriteOf(call);
    const sentAt = this.account.clock.now();
    return orInDoubt(() =>
      unlessRefused<Outcome<ChargeResult>>(
        ['declined'],
        () => andThen(this.client.write(write), (answer) => this.answered(call, answer)),
        async (refusal) => known(await this.declined(call, refusal, sentAt)),
      ),
    );
  }

  async find(call: ProviderCall & { sentBefore: Date }): Promise<ChargeResult | undefined> {
    const found = await findOrders(this.client, call, call.sentBefore);
    const best = found.find((order) => standingOf(order) === 'paying') ?? found[0];
    return best && this.read(best.id);
  }

  /** Cancels the order, unless a charge of it was paid meanwhile. */
  close(_call: ProviderCall, providerPaymentId: string): Promise<Outcome<{ paid: boolean }>> {
    return closeOrder(this.client, orderIdOf(providerPaymentId));
  }

  private async answered(call: ProviderCall, answer: Json): Promise<Outcome<ChargeResult>> {
    const order = readOrder(answer);
    if (order === undefined || !isOfCall(order, call)) return inDoubt(unusableAnswer('not_our_order'));
    const { livemode } = order;
    if (livemode !== this.account.livemode) return inDoubt(livemodeMismatch(livemode));
    if (!isWhole(answer)) return known(await this.read(order.id));
    assertShowsPayment(order);
    return known(resultOf(order, answer));
  }

  /** The order is made all the same, and knows the charge; where it cannot be read at once, the refusal suffices. */
  private async declined(call: ProviderCall, refusal: ProviderError, sentAt: Date): Promise<ChargeResult> {
    const { buyerMessage } = refusal.details;
    const result = await unlessRefused<ChargeResult | undefined>(
      () => true,
      async () => {
        const [made] = await findOrders(this.client, call, sentAt, CLOCK_SLACK_SECONDS);
        return made && (await this.read(made.id));
      },
      () => undefined,
    );
    if (result?.facts.some(({ name }) => name !== 'opened') === true)
      return { ...result, ...(isFailed(result.facts) && { buyerMessage }) };
    return { ...this.declinedBy(refusal, call, result?.facts[0]?.ref), buyerMessage };
  }

  /** What a refusal alone says of a charge: its order was not found, or does not show it. */
  private declinedBy(
    refusal: ProviderError,
    { operationId, request }: ProviderCall,
    found: PaymentRef | undefined,
  ): ChargeResult {
    const { livemode, clock } = this.account;
    const order = jsonOf(request.order);
    const { paymentId, orderId } = metadataOf(order.metadata);
    const fact = {
      kind: 'payment',
      ref: found ?? { provider: CONEKTA, paymentId, orderId },
      livemode,
      occurredAt: clock.now(),
      money: recordedMoney(order),
      reason: refusal.details.providerCode,
    } as const;
    const attempt = { ...fact, name: 'attempt_failed', attemptId: operationId } as const;
    return { facts: [attempt, { ...fact, name: 'failed' }], livemode };
  }

  private async read(id: string): Promise<ChargeResult> {
    const answer = await this.client.order(id);
    const order = checked(answer, id);
    assertShowsPayment(order);
    if (order.livemode !== this.account.livemode) throw livemodeMismatch(order.livemode);
    return resultOf(order, answer);
  }
}

/** A saved card is charged for the customer whose it is. */
function payer({ card, customer, providerCustomerId }: ChargeInput): CustomerInfo {
  if (card.kind === 'saved' && providerCustomerId === undefined)
    throw invalidField('customerId', 'is required by Conekta with a saved card');
  return customerInfo({ customer, customerId: providerCustomerId });
}

function cardMethod({ card, installments, money }: ChargeInput) {
  if (installments !== undefined)
    assertInstallments({ money, installments: [installments] }, INSTALLMENT_MONTHS, 'Conekta');
  return {
    type: 'card',
    ...(card.kind === 'token' ? { token_id: card.token } : { payment_source_id: card.providerSourceId }),
    ...given({ monthly_installments: installments }),
  };
}

/** What came of a charge. @param answer its order as Conekta told it */
function resultOf(order: ConektaOrder, answer: Json): ChargeResult {
  const facts = orderFacts(order, {}).filter((fact): fact is PaymentFact => fact.kind === 'payment');
  const isOpen = facts.every(({ name }) => name === 'attempt_failed' || name === 'pending');
  const page = jsonOf(jsonOf(answer.next_action).redirect_to_url).url;
  const continueAt = isOpen ? providerAddress(textOf(page)) : undefined;
  // One that waits for the bank has nothing to tell yet but its ids.
  const isWaiting = facts.length === 0 || continueAt !== undefined;
  const { livemode, createdAt: occurredAt, charges } = order;
  const opened = paymentFact('opened', order, { occurredAt, checkoutUrl: continueAt });
  return {
    facts: isWaiting ? [opened, ...facts] : facts,
    livemode,
    continueAt,
    buyerMessage: isFailed(facts) ? forBuyer(charges.at(-1)?.failureMessage) : undefined,
  };
}

function isFailed(facts: readonly PaymentFact[]): boolean {
  return facts.at(-1)?.name === 'failed';
}

function recordedMoney({ currency, line_items: lines }: Json): PaymentFact['money'] {
  const amounts = listOf(lines).map(
    (line) => Number(jsonOf(line).unit_price) * Number(jsonOf(line).quantity),
  );
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  return Number.isSafeInteger(total) ? fromConektaAmount(total, textOf(currency)) : undefined;
}
