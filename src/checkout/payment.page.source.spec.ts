import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppBed } from '../../test/support/domain/app.bed.js';
import { post } from '../../test/support/domain/http.call.js';
import { PaymentPageSource } from './payment.page.js';

const REQUEST = {
  currency: 'mxn',
  items: [{ name: 'Teclado', price: 100, quantity: 1 }],
  successUrl: 'https://shop.example/thanks?session={CHECKOUT_SESSION_ID}',
};

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('the pages of stored payments', () => {
  let bed: AppBed;

  beforeAll(async () => {
    bed = await AppBed.start();
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

  it('S19h know what came in of money that a person looks at, also in another currency, and why a card was declined', async () => {
    const id = await open('order-review');
    const pages = bed.app.get(PaymentPageSource, { strict: false });
    await bed.rows(`update payments set failure = '{"reason":"insufficient_funds"}' where id = '${id}'`);
    const answer = await fetch(`${bed.url}/payments/success?payment=${id}`, { headers: BROWSER });
    expect(await answer.text()).toContain('<h1>Payment declined</h1>');
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
