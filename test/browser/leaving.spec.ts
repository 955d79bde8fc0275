import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readPayment } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import { Stage } from './stage.js';

describe('a customer who leaves the checkout', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  }, 120_000);
  afterEach(() => stage.clear());
  afterAll(() => stage?.close());

  it('is offered to continue at the same checkout, and pays there', async () => {
    const [customer, session] = await stage.customer();
    await customer.follow('Leave without paying');
    await customer.see('Payment not completed', 'left');
    expect(customer.page.url()).toBe(session.cancelUrl);
    await customer.follow('Continue to payment');
    await customer.see('To pay');
    expect(customer.page.url()).toBe(session.url);
    await customer.press(/^Pay /);
    await customer.becomes('Payment received');
    await customer.open(session.cancelUrl);
    await customer.see('Payment received');
  });

  it('is told by the receipt that nothing is paid yet, and can continue from there', async () => {
    const [customer, session] = await stage.customer();
    await customer.open(`${stage.service.url}/payments/${session.paymentId}/receipt`);
    await customer.see('Not paid yet', 'receipt-unpaid');
    expect(await customer.words()).toContain('This is not a receipt');
    await customer.follow('Continue to payment');
    await customer.see('To pay');
  });

  it('finds an expired session closed, with the way back to the shop, where it is expired as well', async () => {
    const [customer, session] = await stage.customer();
    await stage.stripe.expire(session.sessionId);
    await customer.press(/^Pay /);
    await customer.see('This payment page has expired', 'expired');
    await eventually(async () => {
      expect(await readPayment(stage.service, session.paymentId)).toMatchObject({ status: 'expired' });
    });
    await customer.follow('Back to the shop');
    await customer.see('Payment expired', 'payment-expired');
    expect(await customer.page.getByRole('link').count()).toBe(0);
    const { charges } = stage.stripe.state();
    expect(charges.filter(({ metadata }) => metadata.paymentId === session.paymentId)).toEqual([]);
  });
});
