import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { sdkFor, sessionParams } from '../../../test/support/sandbox/stripe.sdk.js';
import { startStripeSandbox, type StripeSandbox } from '../stripe.sandbox.js';

describe('the hosted payment page', () => {
  let sandbox: StripeSandbox;
  let stripe: Stripe;

  beforeEach(async () => {
    sandbox = await startStripeSandbox();
    stripe = sdkFor(sandbox);
  });

  afterEach(() => sandbox.close());

  const get = async (path: string) => read(await fetch(`${sandbox.url}${path}`, { redirect: 'manual' }));
  const post = async (path: string, form: Record<string, string> = {}) =>
    read(
      await fetch(`${sandbox.url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      }),
    );
  const open = async (currency = 'usd', name = 'Teclado') =>
    stripe.checkout.sessions.create({
      ...sessionParams(),
      line_items: [{ quantity: 2, price_data: { currency, unit_amount: 19_900, product_data: { name } } }],
    });

  it('shows the lines, the total and the methods of the session, and says that it is a sandbox', async () => {
    const session = await open('mxn');
    const page = await get(`/c/pay/${session.id}`);
    expect(page.status).toBe(200);
    for (const text of ['Teclado', 'MX$398.00', 'Quantity 2', 'Card number', 'OXXO', 'No money moves']) {
      expect(page.body).toContain(text);
    }
    expect(page.body).not.toContain('SPEI');
    expect(page.body).toContain('href="https://shop.example/no"');
  });

  it('escapes what the shop wrote', async () => {
    const session = await open('usd', '<script>alert("1")</script>');
    const page = await get(`/c/pay/${session.id}`);
    expect(page.body).not.toContain('<script>');
    expect(page.body).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('sends the customer back to the shop with the id of the session', async () => {
    const session = await open();
    const paid = await post(`/c/pay/${session.id}/card`, {
      number: '4242 4242 4242 4242',
      email: 'ana@example.com',
    });
    expect(paid.status).toBe(303);
    expect(paid.headers.get('location')).toBe(`https://shop.example/ok?session=${session.id}`);
    expect((await get(`/c/pay/${session.id}`)).body).toContain('This order is complete');
    const charge = sandbox.state().charges[0];
    expect(charge?.billing_details.email).toBe('ana@example.com');
    const receipt = await get(new URL(charge?.receipt_url ?? '').pathname);
    expect(receipt.body).toContain('visa ending in 4242');
  });

  it('shows a decline and lets the customer try again; a number that is none is not charged', async () => {
    const session = await open();
    const declined = await post(`/c/pay/${session.id}/card`, { number: '4000000000000002' });
    expect(declined.status).toBe(402);
    expect(declined.body).toContain('Your card was declined.');
    const wrong = await post(`/c/pay/${session.id}/card`, { number: '4242 4242 4242 4241' });
    expect(wrong.body).toContain('Your card number is invalid.');
    expect(sandbox.state().charges).toHaveLength(1);
    expect((await post(`/c/pay/${session.id}/card`, { number: '4242424242424242' })).status).toBe(303);
  });

  it('asks for the confirmation of the bank', async () => {
    const session = await open();
    await post(`/c/pay/${session.id}/card`, { number: '4000 0025 0000 3155' });
    expect((await get(`/c/pay/${session.id}`)).body).toContain('Your bank asks');
    const refused = await post(`/c/pay/${session.id}/challenge`, { answer: 'refuse' });
    expect(refused.body).toContain('unable to authenticate');
    await post(`/c/pay/${session.id}/card`, { number: '4000 0025 0000 3155' });
    const approved = await post(`/c/pay/${session.id}/challenge`, { answer: 'approve' });
    expect(approved.headers.get('location')).toContain(session.id);
  });

  it('gives a voucher that is paid later, once', async () => {
    const session = await open('mxn');
    const issued = await post(`/c/pay/${session.id}/oxxo`);
    expect(issued.headers.get('location')).toBe(`/vouchers/${session.id}`);
    expect((await get(`/vouchers/${session.id}`)).body).toContain('Show this voucher');
    await post(`/vouchers/${session.id}/pay`);
    await post(`/vouchers/${session.id}/pay`);
    expect(sandbox.state().charges).toHaveLength(1);
    expect((await get(`/vouchers/${session.id}`)).body).toContain('The voucher is paid');
  });

  it('takes a transfer in parts', async () => {
    const customer = await stripe.customers.create({ name: 'Ana' });
    const session = await stripe.checkout.sessions.create({
      ...sessionParams('mxn', 19_900),
      customer: customer.id,
    });
    await post(`/c/pay/${session.id}/customer_balance`);
    await post(`/transfers/${session.id}/receive`, { amount: '100.50' });
    expect((await get(`/transfers/${session.id}`)).body).toContain('MX$297.50');
    await post(`/transfers/${session.id}/receive`, { amount: 'a lot' });
    expect(sandbox.state().sessions[0]?.payment_status).toBe('unpaid');
    await post(`/transfers/${session.id}/receive`, { amount: '297.5' });
    expect(sandbox.state().sessions[0]?.payment_status).toBe('paid');
  });

  it('says when a session has expired, and recovers one that may be', async () => {
    const session = await stripe.checkout.sessions.create({
      ...sessionParams(),
      after_expiration: { recovery: { enabled: true } },
    });
    await sandbox.expire(session.id);
    expect((await get(`/c/pay/${session.id}`)).body).toContain('has expired');
    const recovered = await get(`/c/recover/${session.id}`);
    const again = sandbox.state().sessions[1];
    expect(recovered.headers.get('location')).toBe(`/c/pay/${again?.id}`);
    expect(again).toMatchObject({ status: 'open', recovered_from: session.id, amount_total: 3998 });
    expect((await get('/c/pay/cs_none')).status).toBe(404);
  });

  it('takes the receipts to another address when it is told to', async () => {
    const other = await startStripeSandbox({ receiptBase: 'https://receipts.example.com/' });
    const session = await sdkFor(other).checkout.sessions.create(sessionParams());
    const { charge } = await other.payWithCard(session.id);
    await other.close();
    expect(charge?.receipt_url).toBe(`https://receipts.example.com/receipts/${charge?.id}`);
  });
});

async function read(answer: Response) {
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}
