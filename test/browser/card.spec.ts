import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Stage } from './stage.js';
import type { Visitor } from './visitor.js';

const DECLINED = '4000 0000 0000 0002';
const NO_FUNDS = '4000 0000 0000 9995';
const CONFIRMED = '4000 0025 0000 3155';
const GOOD = '4242 4242 4242 4242';

describe('a customer who pays by card', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  }, 120_000);
  afterEach(async () => {
    stage.stripe.delivery.set({ paused: false });
    await stage.clear();
  });
  afterAll(() => stage?.close());

  async function payWith(customer: Visitor, number: string): Promise<void> {
    await customer.page.getByLabel('Card number').fill(number);
    await customer.press(/^Pay /);
  }

  it('is told to wait while nothing is confirmed, then by itself that it is paid, and gets a receipt', async () => {
    const [customer, session] = await stage.customer();
    await customer.see('To pay', 'checkout');
    stage.stripe.delivery.set({ paused: true });
    await payWith(customer, GOOD);
    await customer.see('Waiting for the confirmation', 'waiting');
    expect(customer.page.url()).toBe(session.successUrl);
    expect(await customer.words()).toContain('Please do not pay again');

    stage.stripe.delivery.set({ paused: false });
    await customer.see('Payment received', 'paid');
    expect(customer.page.url()).toBe(session.successUrl);
    await customer.follow('View receipt');
    await customer.see('Receipt', 'receipt');
    const words = await customer.words();
    for (const text of ['$39.98 USD', 'Teclado', 'Visa ending in 4242', session.paymentId]) {
      expect(words).toContain(text);
    }
  });

  it('reads why a card was refused, and pays with another one', async () => {
    const [customer] = await stage.customer();
    const problem = customer.page.getByRole('alert');
    await payWith(customer, DECLINED);
    await customer.see('To pay', 'declined');
    expect(await problem.innerText()).toBe('Your card was declined. Try another card.');
    await payWith(customer, NO_FUNDS);
    await problem.filter({ hasText: 'Your card has insufficient funds.' }).waitFor();
    await payWith(customer, '4242 4242 4242 4241');
    await problem.filter({ hasText: 'Your card number is invalid.' }).waitFor();
    await payWith(customer, GOOD);
    await customer.becomes('Payment received');
  });

  it('answers the question of the bank: with no, and the payment goes on; with yes, and it is paid', async () => {
    const [customer] = await stage.customer();
    await payWith(customer, CONFIRMED);
    await customer.see('Your bank asks: is this you?', 'challenge');
    expect(await customer.words()).toContain('39.98');
    await customer.press('No, refuse it');
    await customer.see('To pay');
    expect(await customer.page.getByRole('alert').innerText()).toContain('unable to authenticate');
    await payWith(customer, CONFIRMED);
    await customer.see('Your bank asks: is this you?');
    await customer.press('Yes, confirm the payment');
    await customer.becomes('Payment received');
  });

  it('needs no mouse to pay and to get to the receipt', async () => {
    const [customer] = await stage.customer();
    const { page } = customer;
    await customer.tabTo(page.getByLabel('Card number'));
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(GOOD);
    await customer.tabTo(page.getByRole('button', { name: /^Pay / }));
    await page.keyboard.press('Enter');
    await customer.becomes('Payment received');
    await customer.tabTo(page.getByRole('link', { name: 'View receipt' }));
    await page.keyboard.press('Enter');
    await customer.see('Receipt');
  });

  it('finds nothing left to pay on the page of a session that is paid', async () => {
    const [customer, session] = await stage.customer();
    await payWith(customer, GOOD);
    await customer.becomes('Payment received');
    await customer.open(session.url);
    await customer.see('This order is complete', 'complete');
    await customer.follow('Back to the shop');
    await customer.becomes('Payment received');
  });

  it("can open the provider's own receipt too", async () => {
    const [customer, session] = await stage.customer();
    await payWith(customer, GOOD);
    await customer.becomes('Payment received');
    const { charges } = stage.stripe.state();
    const charge = charges.find(({ metadata }) => metadata.paymentId === session.paymentId);
    await customer.open(`${stage.stripe.url}/receipts/${charge?.id ?? ''}`);
    await customer.see('Receipt', 'stripe-receipt');
    expect(await customer.words()).toContain('visa ending in 4242');
  });
});
