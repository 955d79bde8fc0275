import { providerAddress } from '../../../kernel/web.address.js';
import type { ChargeResult } from '../../direct.charges.js';
import { isJson, type Json, jsonOf, textOf } from '../../json.read.js';
import { declineText } from './stripe.decline.texts.js';
import type { FactSource } from '../webhook/stripe.event.js';
import { readIntent, type StripeIntent } from '../payment/stripe.intent.js';
import { intentFacts, lastAttemptFacts, pendingFact } from '../payment/stripe.intent.facts.js';

/** A payment intent that was confirmed once, and what came of that. */
export interface ChargedIntent {
  id: string;
  /** Nobody is to pay it any more, and somebody still could. */
  mustBeClosed: boolean;
  result: ChargeResult;
}

/**
 * What came of a charge. Pure. Undefined for what is no payment intent.
 * @param value the payment intent as it is now.
 * @param language of what the buyer is told, as it was planned.
 */
export function chargedIntent(
  value: unknown,
  source: FactSource,
  language?: unknown,
): ChargedIntent | undefined {
  const intent = readIntent(value);
  if (intent === undefined || !isJson(value)) return undefined;
  const told = { ...source, livemode: value.livemode === true };
  const { livemode } = told;
  const { id, status } = intent;
  if (intent.lastError !== undefined && (status === 'requires_payment_method' || status === 'canceled')) {
    const result = declined(intent, declineText(value.last_payment_error, language), told);
    return { id, mustBeClosed: status === 'requires_payment_method', result };
  }
  if (status === 'requires_action' || status === 'processing') {
    const continueAt = pageOf(value);
    const facts = [pendingFact(intent, intent.ref, told)];
    return { id, mustBeClosed: false, result: { facts, livemode, continueAt } };
  }
  return { id, mustBeClosed: false, result: { facts: intentFacts(intent, intent.ref, told), livemode } };
}

function declined(intent: StripeIntent, buyerMessage: string | undefined, source: FactSource): ChargeResult {
  return {
    facts: lastAttemptFacts(intent, intent.ref, source),
    livemode: source.livemode,
    buyerMessage,
  };
}

/** Where the bank asks the buyer. */
function pageOf(intent: Json): string | undefined {
  return providerAddress(textOf(jsonOf(jsonOf(intent.next_action).redirect_to_url).url));
}
