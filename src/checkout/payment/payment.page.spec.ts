import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_SECRET_KEY } from '../../../sandbox/stripe/stripe.sandbox.js';
import { AppBed } from '../../../test/support/domain/app.bed.js';
import { post } from '../../../test/support/domain/http.call.js';
import { PaymentPageSource } from './payment.page.js';

const REQUEST = {
  currency: 'mxn',
  items: [{ name: 'Teclado', price: 100, quantity: 1 }],
  successUrl: 'https://shop.example/thanks?session={CHECKOUT_SESSION_ID}',
};

const CONFIGURED = 'https://shop.example/paid?session_id={CHECKOUT_SESSION_ID}&next=/#{CHECKOUT_SESSION_ID}';

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('the pages of stored payments', () => {
  let bed: AppBed;

  beforeAll(async () => {
    bed = await AppBed.start({ STRIPE_SUCCESS_URL: CONFIGURED });
  }, 120_000);
  afterAll(() => bed?.stop());

  async function open(orderId: string): Promise<string> {
    const url = `${bed.url}/payments/create-session`;
    const { body } = await post(url, JSON.stringify({ ...REQUEST, orderId }), JSON_TYPE);
    return String(body.paymentId);
  }

  it('lead to the hosted checkout, and know which addresses are the shop’s', async () => {
    const id = await open('order-hosted');
    const answer = await fetch(`${bed.url}/pay/${id}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      expect.stringContaining(bed.stripe.url),
    ]);
    const [row] = await bed.rows<{ session_id: string }>(
      `select session_id from payments where id = '${id}'`,
    );
    expect(await bed.app.get(PaymentPageSource, { strict: false }).find(id)).toMatchObject({
      ui: 'hosted',
      continueUrl: `https://shop.example/thanks?session=${row?.session_id}`,
      backUrl: undefined,
      adjustments: [],
    });
  });

  it('S12c are left for the shop’s address as it was configured, which Stripe gets as it is', async () => {
    const { successUrl: _ours, ...rest } = REQUEST;
    const body = JSON.stringify({ ...rest, orderId: 'order-configured', cancelUrl: CONFIGURED });
    const answer = await post(`${bed.url}/payments/create-session`, body, JSON_TYPE);
    expect(answer.body).toMatchObject({ successUrl: CONFIGURED, cancelUrl: CONFIGURED });
    const id = String(answer.body.paymentId);
    const [row] = await bed.rows<{ session_id: string }>(
      `select session_id from payments where id = '${id}'`,
    );
    const headers = { authorization: `Bearer ${DEFAULT_SECRET_KEY}` };
    const session = await fetch(`${bed.stripe.url}/v1/checkout/sessions/${row?.session_id}`, { headers });
    expect(await session.json()).toMatchObject({ success_url: CONFIGURED, cancel_url: CONFIGURED });
    const shop = CONFIGURED.replaceAll('{CHECKOUT_SESSION_ID}', String(row?.session_id));
    expect(await bed.app.get(PaymentPageSource, { strict: false }).find(id)).toMatchObject({
      continueUrl: shop,
      backUrl: shop,
    });
  });

  it('S12e are found by the session’s id too, as a shop’s address names it', async () => {
    const id = await open('order-returned');
    const [row] = await bed.rows<{ session_id: string }>(
      `select session_id from payments where id = '${id}'`,
    );
    for (const page of ['success', 'cancel', 'cancelled']) {
      const shown = async (query: string): Promise<string> =>
        (
          await fetch(`${bed.url}/api/payments/${page}?${query}`, { headers: { accept: 'text/html' } })
        ).text();
      const named = await shown(`payment=${id}`);
      expect(named).toContain('order-returned');
      for (const session of [row?.session_id, id]) expect(await shown(`session_id=${session}`)).toBe(named);
      for (const none of ['', '{CHECKOUT_SESSION_ID}', 'cs_test_nobody', '%00', `${row?.session_id}%27`])
        expect(await shown(`session_id=${none}`)).not.toContain('order-returned');
    }
  });

  it('S19h know what came in of money that a person looks at, also in another currency, and why a card was declined', async () => {
    const id = await open('order-review');
    const pages = bed.app.get(PaymentPageSource, { strict: false });
    await bed.rows(`update payments set failure = '{"reason":"insufficient_funds"}' where id = '${id}'`);
    const answer = await fetch(`${bed.url}/payments/success?payment=${id}`, { headers: BROWSER });
    expect(await answer.text()).toContain('<h1>Not confirmed yet</h1>');
    const back = await fetch(`${bed.url}/payments/cancel?payment=${id}`, { headers: BROWSER });
    expect(await back.text()).toContain('<h1>Payment declined</h1>');
    await bed.rows(
      `insert into payment_transitions (payment_id, version, from_status, to_status, fact, cause, detail)
        values ('${id}', 99, 'created', 'review', 'succeeded', 'janitor',
          '{"reason":"amount_mismatch","received":"777 USD"}')`,
    );
    await bed.rows(`update payments set status = 'review', paid_at = now() where id = '${id}'`);
    expect(await pages.find(id)).toMatchObject({ received: { amount: 777n, currency: 'USD' } });
    const page = await (
      await fetch(`${bed.url}/payments/success?payment=${id}`, { headers: BROWSER })
    ).text();
    expect(page).toContain('<dt>Received</dt><dd><bdi>$7.77 USD</bdi></dd>');
    await bed.rows(`update payments set amount_captured = 9900 where id = '${id}'`);
    expect(await pages.find(id)).toMatchObject({ received: { amount: 9900n, currency: 'MXN' } });
  });

  it('S19i of the running service are what a person gets at an unknown address; a program gets JSON', async () => {
    for (const [path, status] of [
      ['/nowhere', 404],
      ['/pay/%zz', 400],
      ['/pay/00000000-0000-4000-8000-000000000000', 404],
    ] as const) {
      const page = await fetch(`${bed.url}${path}`, { headers: BROWSER });
      expect([path, page.status, page.headers.get('content-type')]).toEqual([
        path,
        status,
        'text/html; charset=utf-8',
      ]);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(await page.text()).toContain('<h1>Page not found</h1>');
      const answer = await fetch(`${bed.url}${path}`, { headers: { accept: 'application/json' } });
      expect([answer.status, await answer.json()]).toMatchObject([status, { requestId: expect.any(String) }]);
    }
  });

  it('show a voucher from what is stored of its method, under the policy that lets its picture in', async () => {
    const id = await open('order-voucher');
    const method = { type: 'cash', reference: '930000123456', barcodeUrl: 'https://codes.example/1.png' };
    const adjustments = [{ kind: 'tax', name: 'IVA', amount: '1600' }];
    await bed.rows(
      `update payments set status = 'pending', method = '${JSON.stringify(method)}',
        adjustments = '${JSON.stringify(adjustments)}' where id = '${id}'`,
    );
    const answer = await fetch(`${bed.url}/pay/${id}`);
    expect(answer.headers.get('content-security-policy')).toContain('; img-src https://codes.example');
    expect(await answer.text()).toContain('<span>9300</span><span>0012</span><span>3456</span>');
    const receipt = await fetch(`${bed.url}/payments/${id}/receipt`);
    expect(await receipt.text()).toContain('<dt><bdi>IVA</bdi></dt><dd>$16.00 MXN</dd>');
  });
});
