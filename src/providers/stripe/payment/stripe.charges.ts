import { providerAddress } from '../../../kernel/web.address.js';
import { jsonOf, textOf } from '../../json.read.js';
import type { ChargeInput, ChargeResult, ChargesPort } from '../../payment.ports.js';
import {
  afterActing,
  andThen,
  inDoubt,
  known,
  knownOr,
  orInDoubt,
  type Outcome,
  type ProviderCall,
  unlessRefused,
} from '../../provider.calls.js';
import { askedNow, type StripeAccount } from '../stripe.account.js';
import { findMade, type StripeBillingCalls } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';
import { keyOf, marked, pathOf, recordedParams } from '../stripe.request.js';
import { chargeRequest } from './stripe.charge.request.js';
import { intentFacts, lastAttemptFacts, pendingFact } from './stripe.intent.facts.js';
import { readIntent } from './stripe.intent.read.js';
import { intentWithId } from './stripe.intents.js';

const INTENTS_PATH = '/v1/payment_intents';
const ABANDONED = { cancellation_reason: 'abandoned' };
/** The buyer has to act, or nobody does. */
const UNPAID = new Set(['requires_action', 'requires_confirmation', 'requires_payment_method']);

/** Charges without a checkout page: payment intents that are confirmed as they are made. */
export class StripeCharges implements ChargesPort {
  constructor(
    private readonly client: StripeBillingCalls,
    private readonly account: StripeAccount,
  ) {}

  request(input: ChargeInput): ProviderCall['request'] {
    return chargeRequest(input, this.account.installationId);
  }

  /** Money may still move after a rate limit: the charge is in doubt and is only looked for. */
  send(call: ProviderCall): Promise<Outcome<ChargeResult>> {
    const params = { ...marked(recordedParams(call.request, 'intent'), call), expand: ['latest_charge'] };
    return orInDoubt(() =>
      andThen(this.client.postCharge(INTENTS_PATH, params, call.operationId), async (value) => {
        const { object, payment_intent } = jsonOf(value);
        const declined = object === 'payment_intent' ? undefined : payment_intent;
        return knownOr(await this.resultOf(declined ?? value, call), unusableAnswer('not_a_payment_intent'));
      }),
    );
  }

  /** By listing: Stripe's search does not find a new payment intent at once. */
  async find(call: ProviderCall & { sentBefore: Date }): Promise<ChargeResult | undefined> {
    const { customer } = recordedParams(call.request, 'intent');
    const query = { 'expand[]': 'data.latest_charge', ...(typeof customer === 'string' && { customer }) };
    const found = await findMade(this.client, INTENTS_PATH, query, call);
    return found && this.resultOf(found, call);
  }

  /** Looks first: Stripe would also cancel one whose money is held. */
  async close(call: ProviderCall, id: string): Promise<Outcome<{ paid: boolean }>> {
    const before = await this.standing(id);
    if (before !== 'open') return known({ paid: before === 'paying' });
    return unlessRefused(
      ['invalid_request'],
      () =>
        andThen(this.cancel(id, call.operationId), (answer) =>
          readIntent(answer)?.status === 'canceled'
            ? known({ paid: false })
            : inDoubt(unusableAnswer('not_a_closed_payment_intent')),
        ),
      () => afterActing(async () => known({ paid: (await this.standing(id)) === 'paying' })),
    );
  }

  private async standing(id: string): Promise<'open' | 'paying' | 'closed'> {
    const { status } = intentWithId(await this.client.get(pathOf(INTENTS_PATH, id)), id);
    if (status === 'canceled') return 'closed';
    return UNPAID.has(status) ? 'open' : 'paying';
  }

  /** Closes a declined payment intent. It waits for another card that nobody can add: a failed close is harmless. */
  private async resultOf(value: unknown, call: ProviderCall): Promise<ChargeResult | undefined> {
    const intent = readIntent(value);
    if (intent === undefined) return undefined;
    const answer = jsonOf(value);
    const livemode = answer.livemode === true;
    const source = askedNow({ ...this.account, livemode });
    const { id, status, ref, lastError } = intent;
    if (lastError !== undefined && (status === 'requires_payment_method' || status === 'canceled')) {
      if (status === 'requires_payment_method')
        await unlessRefused<unknown>(
          () => true,
          () => this.cancel(id, keyOf(call, 'close')),
          () => undefined,
        );
      const buyerMessage = declineText(answer.last_payment_error, call.request.language);
      return { facts: lastAttemptFacts(intent, ref, source), livemode, buyerMessage };
    }
    if (status === 'requires_action' || status === 'processing') {
      // The bank's page.
      const continueAt = providerAddress(textOf(jsonOf(jsonOf(answer.next_action).redirect_to_url).url));
      return { facts: [pendingFact(intent, ref, source)], livemode, continueAt };
    }
    return { facts: intentFacts(intent, ref, source), livemode };
  }

  private cancel(id: string, key: string): Promise<Outcome<unknown>> {
    return this.client.post(pathOf(INTENTS_PATH, id, 'cancel'), ABANDONED, key);
  }
}

/** By Stripe's decline code, else its error code. */
const SPANISH: Readonly<Record<string, string>> = {
  authentication_required:
    'Tu banco pide que confirmes la compra. Inténtalo de nuevo desde la página de pago.',
  card_not_supported: 'La tarjeta no admite este tipo de compra.',
  card_velocity_exceeded: 'La tarjeta superó su límite.',
  currency_not_supported: 'La tarjeta no admite esta moneda.',
  do_not_honor: 'Tu banco rechazó la tarjeta. Comunícate con tu banco.',
  expired_card: 'La tarjeta está vencida.',
  incorrect_cvc: 'El código de seguridad de la tarjeta es incorrecto.',
  incorrect_number: 'El número de la tarjeta es incorrecto.',
  insufficient_funds: 'La tarjeta no tiene fondos suficientes.',
  invalid_account: 'La tarjeta o su cuenta no son válidas.',
  invalid_expiry_month: 'El mes de vencimiento no es válido.',
  invalid_expiry_year: 'El año de vencimiento no es válido.',
  issuer_not_available: 'Tu banco no responde. Inténtalo más tarde.',
  processing_error: 'Hubo un error al procesar la tarjeta. Inténtalo más tarde.',
  withdrawal_count_limit_exceeded: 'La tarjeta superó su límite.',
};

const SPANISH_OTHERWISE = 'La tarjeta fue rechazada. Prueba con otra.';

/** Stripe's English, or our Spanish. */
function declineText(error: unknown, language: unknown): string | undefined {
  const { decline_code: declineCode, code, message } = jsonOf(error);
  if (language !== 'es') return textOf(message);
  return SPANISH[textOf(declineCode) ?? ''] ?? SPANISH[textOf(code) ?? ''] ?? SPANISH_OTHERWISE;
}
