import type { PaymentFact } from '../../../src/providers/facts.js';
import type { ChargeInput, ChargeResult, ChargesPort } from '../../../src/providers/payment.ports.js';
import type { Outcome, ProviderCall } from '../../../src/providers/provider.calls.js';
import { ProviderError, type ProviderErrorKind } from '../../../src/providers/provider.errors.js';
import type { OptionalParts } from '../../../src/providers/provider.port.js';
import { FAKE, FakeProvider } from './fake.provider.js';

/** How the next charge goes. */
export type ChargeFate =
  | 'paid'
  | 'declined'
  /** The bank wants to see the buyer. */
  | 'bank'
  /** It is paid, and the answer is lost. */
  | 'lost'
  /** Nothing arrives there, and nobody knows. */
  | 'vanished'
  | ProviderErrorKind;

const AT = new Date('2026-11-22T01:02:03.000Z');

/** Charges in memory. What was sent twice is charged twice: nothing here protects anybody from that. */
export class FakeCharges implements ChargesPort {
  /** For the next charges, first come first served; then `paid`. */
  fates: ChargeFate[] = [];
  /** Every charge that was made, with the operation that made it. */
  readonly made: { operationId: string; result: ChargeResult }[] = [];
  /** Runs while a charge is on its way. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  /** Set: nobody may look. */
  blind: ProviderErrorKind | undefined;
  /** What comes of closing one. */
  closing: 'closed' | 'paid' | 'refused' = 'closed';

  constructor(private readonly calls: string[]) {}

  request({ paymentId, orderId, money, card, providerCustomerId, returnUrl }: ChargeInput) {
    const { amount, currency } = money;
    return { paymentId, orderId, amount: amount.toString(), currency, card, providerCustomerId, returnUrl };
  }

  async send(call: ProviderCall): Promise<Outcome<ChargeResult>> {
    this.calls.push(`charge ${String(call.request.paymentId)}`);
    await this.meanwhile();
    const fate = this.fates.shift() ?? 'paid';
    if (fate === 'vanished') return { known: false, error: new Error('no answer') };
    if (fate !== 'lost' && !isAnswer(fate)) throw refusal(fate);
    const result = resultOf(call, isAnswer(fate) ? fate : 'paid');
    this.made.push({ operationId: call.operationId, result });
    return isAnswer(fate) ? { known: true, value: result } : { known: false, error: new Error('no answer') };
  }

  async find(call: ProviderCall & { sentBefore: Date }): Promise<ChargeResult | undefined> {
    this.calls.push(`find ${String(call.request.paymentId)}`);
    if (this.blind !== undefined) throw refusal(this.blind);
    return this.made.find(({ operationId }) => operationId === call.operationId)?.result;
  }

  async close(_call: ProviderCall, providerPaymentId: string): Promise<Outcome<{ paid: boolean }>> {
    this.calls.push(`close ${providerPaymentId}`);
    if (this.closing === 'refused') throw refusal('invalid_request');
    return { known: true, value: { paid: this.closing === 'paid' } };
  }
}

/** The provider in memory, with charges. */
export class ChargingProvider extends FakeProvider implements Pick<OptionalParts, 'charges'> {
  readonly charges = new FakeCharges(this.calls);
}

function isAnswer(fate: ChargeFate): fate is 'paid' | 'declined' | 'bank' {
  return fate === 'paid' || fate === 'declined' || fate === 'bank';
}

function resultOf({ request }: ProviderCall, fate: 'paid' | 'declined' | 'bank'): ChargeResult {
  const id = String(request.paymentId);
  const ref = { provider: FAKE, paymentId: id, providerPaymentId: `pi_${id}` };
  const money = { amount: BigInt(String(request.amount)), currency: String(request.currency) };
  const fact = { kind: 'payment', ref, livemode: false, occurredAt: AT, money } as const;
  const declined: PaymentFact[] = [
    { ...fact, name: 'attempt_failed', attemptId: `ch_${id}`, reason: 'insufficient_funds' },
    { ...fact, name: 'failed', reason: 'insufficient_funds' },
  ];
  const paid: PaymentFact = {
    ...fact,
    name: 'succeeded',
    ref: { ...ref, chargeId: `ch_${id}` },
    method: { type: 'card', brand: 'visa', last4: '4242' },
  };
  if (fate === 'declined') return { facts: declined, livemode: false, buyerMessage: 'Sin fondos.' };
  if (fate === 'paid') return { facts: [paid], livemode: false };
  return {
    facts: [{ ...fact, name: 'opened' }],
    livemode: false,
    continueAt: `https://bank.example/${id}`,
  };
}

function refusal(kind: ProviderErrorKind): ProviderError {
  return new ProviderError(kind, `refused: ${kind}`, { provider: FAKE, providerCode: `code_${kind}` });
}
