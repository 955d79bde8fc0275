import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../json.read.js';
import { refusalOf, ScriptedStripe } from '../../../../test/support/stripe/stripe.calls.js';
import { StripeCardSetups } from './stripe.card.setups.js';

const INPUT = { setupId: 'setup-1', returnUrl: 'https://pay.shop.example/cards/new/return' };
const SESSION: Json = {
  object: 'checkout.session',
  id: 'cs_1',
  mode: 'setup',
  status: 'open',
  client_secret: 'cs_1_secret_2',
  expires_at: 1_790_000_000,
  livemode: false,
};

function stage(answers: Json = {}): { stripe: ScriptedStripe; setups: StripeCardSetups } {
  const stripe = new ScriptedStripe(answers);
  return { stripe, setups: new StripeCardSetups(stripe, { publishableKey: 'pk_test_1' }) };
}

describe('a page on which a card is saved', () => {
  it('is a session in setup mode inside our page', async () => {
    const { stripe, setups } = stage({ 'POST /v1/checkout/sessions': SESSION });
    const request = setups.request({ ...INPUT, providerCustomerId: 'cus_1', locale: 'es-MX' });
    expect(JSON.parse(JSON.stringify(request))).toStrictEqual(request);
    expect(await setups.create({ operationId: 'op-1', request })).toEqual({
      known: true,
      value: {
        providerSetupId: 'cs_1',
        embed: { clientSecret: 'cs_1_secret_2', publicKey: 'pk_test_1' },
        expiresAt: new Date(1_790_000_000_000),
        livemode: false,
      },
    });
    expect(stripe.sent).toEqual([
      {
        path: 'POST /v1/checkout/sessions',
        params: {
          mode: 'setup',
          ui_mode: 'embedded_page',
          redirect_on_completion: 'if_required',
          return_url: INPUT.returnUrl,
          allowed_payment_method_types: ['card'],
          metadata: { setupId: 'setup-1' },
          setup_intent_data: { metadata: { setupId: 'setup-1' } },
          customer: 'cus_1',
          locale: 'es-419',
        },
        key: 'op-1',
      },
    ]);
  });

  it('needs a key for browsers', () => {
    const request = () => new StripeCardSetups(new ScriptedStripe({}), {}).request(INPUT);
    expect(refusalOf(request)).toEqual({ code: 'capability_not_supported', field: 'provider' });
  });

  it('is in doubt where the answer cannot be shown', async () => {
    const { setups } = stage({ 'POST /v1/checkout/sessions': { ...SESSION, client_secret: null } });
    const call = { operationId: 'op-1', request: setups.request(INPUT) };
    expect(await setups.create(call)).toMatchObject({ known: false });
  });

  it('is shown in the language of the style, and says when it is done', () => {
    const { setups } = stage();
    const embed = { clientSecret: 'cs_1_secret_2', publicKey: 'pk_test_1' };
    expect(setups.form(embed, 'en', { language: 'es' }).config).toEqual({
      clientSecret: 'cs_1_secret_2',
      publishableKey: 'pk_test_1',
      locale: 'es',
      tellsTheEnd: 'yes',
    });
  });

  it('has a token once it is complete', async () => {
    const complete = { ...SESSION, status: 'complete', setup_intent: { payment_method: 'pm_1' } };
    const done = stage({ 'GET /v1/checkout/sessions/cs_1': complete });
    expect(await done.setups.tokenOf('cs_1')).toBe('pm_1');
    const open = stage({ 'GET /v1/checkout/sessions/cs_1': { ...SESSION, setup_intent: null } });
    expect(await open.setups.tokenOf('cs_1')).toBeUndefined();
    const payment = stage({ 'GET /v1/checkout/sessions/cs_1': { ...SESSION, mode: 'payment' } });
    await expect(payment.setups.tokenOf('cs_1')).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
