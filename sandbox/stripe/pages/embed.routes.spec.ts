import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { sdkFor, sessionParams } from '../../../test/support/sandbox/stripe.sdk.js';
import { DEFAULT_PUBLISHABLE_KEY, startStripeSandbox, type StripeSandbox } from '../stripe.sandbox.js';

const SHOP = 'https://shop.example';
const RETURN_URL = `${SHOP}/done`;

describe("a session inside somebody else's page", () => {
  let sandbox: StripeSandbox;
  let stripe: Stripe;

  beforeEach(async () => {
    sandbox = await startStripeSandbox();
    stripe = sdkFor(sandbox);
  });

  afterEach(() => sandbox.close());

  const open = (currency = 'usd', changes: Stripe.Checkout.SessionCreateParams = {}) => {
    const { success_url: _, cancel_url: _too, ...params } = sessionParams(currency, 19_900);
    const embedded = { ui_mode: 'embedded_page', return_url: RETURN_URL } as const;
    return stripe.checkout.sessions.create({ ...params, ...embedded, ...changes });
  };
  const call = async (path: string, form?: Record<string, string>) => {
    const answer = await fetch(new URL(path, sandbox.url), {
      redirect: 'manual',
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    const { status, headers } = answer;
    return { status, location: headers.get('location'), headers, body: await answer.text() };
  };
  const enter = ({ id, client_secret: secret }: Stripe.Checkout.Session, changes = {}) => {
    const query = { secret: secret ?? '', key: DEFAULT_PUBLISHABLE_KEY, parent: SHOP, ...changes };
    return call(`/c/embed/${id}?${new URLSearchParams(query).toString()}`);
  };

  it('has a secret for the browser, and no page of its own', async () => {
    const session = await open();
    expect(session).toMatchObject({ ui_mode: 'embedded_page', url: null, return_url: RETURN_URL });
    expect(session.client_secret).toMatch(new RegExp(`^${session.id}_secret_`));
    expect((await stripe.checkout.sessions.create(sessionParams())).client_secret).toBeNull();
  });

  it('takes no addresses of a hosted page', async () => {
    await expect(open('usd', { cancel_url: SHOP })).rejects.toMatchObject({ param: 'cancel_url' });
    await expect(open('usd', { success_url: SHOP })).rejects.toMatchObject({ param: 'success_url' });
  });

  it('is entered by its secret and the key for browsers, and shown by that page alone', async () => {
    const session = await open();
    expect(await enter(session)).toMatchObject({ status: 303, location: `/c/pay/${session.id}` });
    const page = await call(`/c/pay/${session.id}`);
    expect(page.body).toContain('Card number');
    expect(page.body).toContain(`data-reader="${SHOP}"`);
    expect(page.headers.get('content-security-policy')).toMatch(
      /script-src 'self'; frame-ancestors https:\/\/shop\.example$/,
    );
  });

  it.each([
    ['another secret', { secret: 'cs_test_1_secret_2' }],
    ['another key', { key: 'pk_test_other' }],
    ['a page that is none', { parent: 'https://shop.example;script-src' }],
  ])('is not entered with %s', async (_, changes) => {
    expect((await enter(await open(), changes)).status).toBe(404);
  });

  it('tells the page around it when it is paid, and where the customer goes', async () => {
    const session = await open();
    await enter(session);
    const declined = await call(`/c/pay/${session.id}/card`, { number: '4000 0000 0000 0002' });
    expect(declined.body).toContain('Your card was declined.');
    expect(declined.body).not.toContain('data-complete');
    const paid = await call(`/c/pay/${session.id}/card`, { number: '4242 4242 4242 4242' });
    expect(paid).toMatchObject({ status: 303, location: `/c/pay/${session.id}` });
    const last = await call(`/c/pay/${session.id}`);
    expect(last.body).toContain(`data-complete="yes" data-return-url="${RETURN_URL}"`);
  });

  it('leaves the page around it alone where the session says so', async () => {
    const session = await open('usd', { redirect_on_completion: 'if_required' });
    await enter(session);
    await sandbox.payWithCard(session.id);
    expect((await call(`/c/pay/${session.id}`)).body).toContain('data-complete="yes" data-return-url=""');
  });

  it('keeps a voucher in the frame, and leads the whole window out of it', async () => {
    const session = await open('mxn');
    await enter(session);
    const issued = await call(`/c/pay/${session.id}/oxxo`, {});
    const voucher = await call(issued.location ?? '');
    expect(voucher.body).toContain('Show this voucher');
    expect(voucher.body).not.toContain('data-complete');
    expect(voucher.body).toMatch(/href="https:\/\/shop\.example\/done"\s+target="_top"/);
  });

  it('is one of the scripts that a browser may load', async () => {
    for (const path of ['/js/stripe.js', '/js/embedded.frame.js']) {
      const script = await call(path);
      expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    }
  });
});
