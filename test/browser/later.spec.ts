import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Stage } from './stage.js';

const CASH = { currency: 'mxn', paymentMethods: ['card', 'cash'] };
const TRANSFER = {
  currency: 'mxn',
  paymentMethods: ['bank_transfer'],
  customer: { name: 'Ana Pérez', email: 'ana@example.com' },
};

describe('a customer whose money arrives later', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  }, 120_000);
  afterEach(() => stage.clear());
  afterAll(() => stage?.close());

  it('takes an OXXO voucher, is told that the money is awaited, and gets a receipt when it was paid', async () => {
    const [customer, session] = await stage.customer(CASH);
    const { page } = customer;
    await page.getByLabel('OXXO, cash at the shop').check();
    await customer.see('To pay', 'oxxo');
    await customer.press('Get the voucher');
    await customer.see('Pay MX$39.98 at any OXXO', 'voucher');
    await customer.follow('Back to the shop, pay later');
    await customer.see('Waiting for your payment', 'pending');
    expect(page.url()).toBe(session.successUrl);
    expect(await customer.words()).toMatch(/as soon as the money arrives[^]*Reference\s+(\d{4} ){7}\d{4}/);

    const shop = await stage.visitor();
    await shop.open(session.url);
    await shop.press('Simulate: the customer pays at the shop');
    await shop.see('The voucher is paid', 'voucher-paid');

    await customer.becomes('Payment received');
    await customer.follow('View receipt');
    await customer.see('Receipt', 'receipt-cash');
    expect(await customer.words()).toContain('Cash voucher');
  });

  it('chooses cash and takes the voucher with the keyboard alone', async () => {
    const [customer] = await stage.customer(CASH);
    const { page } = customer;
    await customer.tabTo(page.getByLabel('Card', { exact: true }));
    await page.keyboard.press('ArrowDown');
    await customer.tabTo(page.getByRole('button', { name: 'Get the voucher' }));
    await page.keyboard.press('Enter');
    await customer.see('Pay MX$39.98 at any OXXO');
  });

  it('gets a CLABE, transfers in two parts, and gets a receipt when all of it has arrived', async () => {
    const [customer, session] = await stage.customer(TRANSFER);
    await customer.see('To pay', 'spei');
    await customer.press('Show the CLABE');
    await customer.see('Transfer MX$39.98 by SPEI', 'clabe');
    expect(await customer.words()).toMatch(/\b\d{18}\b/);
    await customer.page.getByLabel('Amount that arrives (MXN)').fill('19.98');
    await customer.press('Simulate: the transfer arrives');
    await customer.see('Transfer MX$20.00 by SPEI', 'clabe-partly');

    const shop = await stage.visitor();
    await shop.open(session.successUrl);
    await shop.becomes('Waiting for your payment', { picture: 'pending-clabe' });
    expect(await shop.words()).toMatch(/CLABE\s+(\d{4} ){4}\d{2}\s+Reference\s+\w+/);
    await customer.press('Simulate: the transfer arrives');
    await customer.see('The transfer is paid');
    await customer.follow('Back to the shop');
    await customer.becomes('Payment received');
    await customer.follow('View receipt');
    await customer.see('Receipt');
    expect(await customer.words()).toContain('Bank transfer');
  });
});
