import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppBed } from '../../test/support/domain/app.bed.js';
import { post } from '../../test/support/domain/http.call.js';
import { PaymentPageSource } from './payment.page.js';

const REQUEST = {
  currency: 'mxn',
  items: [{ name: 'Teclado', price: 100, quantity: 1 }],
  successUrl: 'https://shop.example/thanks?session={CHECKOUT_SESSION_ID}',
};

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
