import { newId } from '../stripe.ids.js';
import type { StripeWorld } from '../stripe.world.js';

interface ChallengeAction {
  type: 'redirect_to_url' | 'use_stripe_sdk';
  redirect_to_url?: { return_url: string | null; url: string | null };
  use_stripe_sdk?: Record<string, unknown>;
}

/** How the customer gets to the bank's question: by a redirect, or where the page itself puts it. */
export function challengeAction(world: StripeWorld, intentId: string, returnUrl?: string): ChallengeAction {
  if (returnUrl !== undefined) {
    const url = `${world.baseUrl}/c/authenticate/${intentId}`;
    return { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } };
  }
  return {
    type: 'use_stripe_sdk',
    use_stripe_sdk: { type: 'three_d_secure_redirect', source: newId('src') },
  };
}

/** Tells the bank's question from vouchers and transfers. */
export function isChallenge(action: { type: string } | null): boolean {
  return action?.type === 'use_stripe_sdk' || action?.type === 'redirect_to_url';
}
