import type { ChargeInput, ChargeResult, ChargesPort } from '../../direct.charges.js';
import { isJson } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import type { StripeAccount } from '../stripe.account.js';
import { planCharge } from './stripe.charge.request.js';
import { chargedIntent } from './stripe.charge.result.js';
import type { StripeChargeCalls } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';
import { readIntent } from '../payment/stripe.intent.js';
import { findMade } from '../stripe.listing.js';
import { afterwards, marked } from '../stripe.repeat.js';
import { pathOf, recordedParams } from '../stripe.request.js';

const INTENTS_PATH = '/v1/payment_intents';
const ABANDONED = { cancellation_reason: 'abandoned' };
/** The buyer's move, or nobody's. */
const UNPAID = new Set(['requires_action', 'requires_confirmation', 'requires_payment_method']);

/** Charges without a checkout page: a payment intent that is confirmed as it is made, once. */
export class StripeCharges implements ChargesPort {
  constructor(
    private readonly client: StripeChargeCalls,
    private readonly account: StripeAccount,
  ) {}

  plan(input: ChargeInput): ProviderCall['request'] {
    return planCharge(input, this.account.installationId);
  }

  async send(call: ProviderCall): Promise<Outcome<ChargeResult>> {
    const params = { ...marked(recordedParams(call.request, 'intent'), call), expand: ['latest_charge'] };
    try {
      const answer = await this.client.postCharge(INTENTS_PATH, params, call.operationId);
      if (!answer.known) return answer;
      const { value } = answer;
      const declined = isJson(value) && value.object !== 'payment_intent' ? value.payment_intent : undefined;
      const result = await this.resultOf(declined ?? value, call);
      return result === undefined
        ? { known: false, error: unusableAnswer('not_a_payment_intent') }
        : { known: true, value: result };
    } catch (error) {
      // Money may move on what was turned away for its pace: it is only ever looked for.
      if (error instanceof ProviderError && error.retryable) return { known: false, error };
      throw error;
    }
  }

  /** Payment intents can be searched, but a new one is not found at once: they are listed. */
  async find(call: ProviderCall & { sentBefore: Date }): Promise<ChargeResult | undefined> {
    const { customer } = recordedParams(call.request, 'intent');
    const query = {
      'expand[]': 'data.latest_charge',
      ...(typeof customer === 'string' && { customer }),
    };
    const found = await findMade(this.client, INTENTS_PATH, query, call);
    return found && this.resultOf(found, call);
  }

  /** Stripe would cancel one whose money is held, too: it is looked at before. */
  async close(call: ProviderCall, id: string): Promise<Outcome<{ paid: boolean }>> {
    const before = await this.standing(id);
    if (before !== 'open') return { known: true, value: { paid: before === 'paying' } };
    try {
      const path = pathOf(INTENTS_PATH, id, 'cancel');
      const answer = await this.client.post(path, ABANDONED, call.operationId);
      if (!answer.known) return answer;
      const closed = readIntent(answer.value)?.status === 'canceled';
      return closed
        ? { known: true, value: { paid: false } }
        : { known: false, error: unusableAnswer('not_a_closed_payment_intent') };
    } catch (error) {
      if (!(error instanceof ProviderError) || error.kind !== 'invalid_request') throw error;
      return afterwards(async () => ({
        known: true,
        value: { paid: (await this.standing(id)) === 'paying' },
      }));
    }
  }

  private async standing(id: string): Promise<'open' | 'paying' | 'closed'> {
    const intent = readIntent(await this.client.get(pathOf(INTENTS_PATH, id)));
    if (intent?.id !== id) throw unusableAnswer('not_the_payment_intent');
    if (intent.status === 'canceled') return 'closed';
    return UNPAID.has(intent.status) ? 'open' : 'paying';
  }

  private async resultOf(intent: unknown, call: ProviderCall): Promise<ChargeResult | undefined> {
    const { clock, livemode } = this.account;
    const source = { livemode, at: clock.now(), eventId: undefined };
    const charged = chargedIntent(intent, source, call.request.language);
    if (charged?.mustBeClosed === true) await this.closeDeclined(charged.id, call);
    return charged?.result;
  }

  /**
   * A declined payment intent waits for another card. Nobody has what it takes to give it one, so that a close which
   * fails does no harm.
   */
  private async closeDeclined(id: string, { operationId }: ProviderCall): Promise<void> {
    try {
      await this.client.post(pathOf(INTENTS_PATH, id, 'cancel'), ABANDONED, `${operationId}:close`);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
  }
}
