import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readPayment } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import { SHOP, Stage } from './stage.js';

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

  it.each([
    ['en-US', 'Not confirmed yet', 'Payment declined', 'Back to the shop', 'Continue to payment'],
    ['es-MX', 'Aún sin confirmar', 'Pago rechazado', 'Volver a la tienda', 'Continuar con el pago'],
  ])(
    'S19j after a declined card reads that it was declined, and can try again (%s)',
    async (locale, afterPaying, title, back, again) => {
      const [customer, session] = await stage.customer({}, { locale });
      await customer.page.getByLabel('Card number').fill('4000 0000 0000 0002');
      await customer.press(/^Pay /);
      await customer.page.getByRole('alert').waitFor();
      await eventually(async () => {
        expect(await readPayment(stage.service, session.paymentId)).toMatchObject({
          failure: { reason: 'card_declined' },
        });
      });
      for (const [url, headline] of [
        [session.successUrl, afterPaying],
        [session.cancelUrl, title],
        [`${stage.service.url}/pay/${session.paymentId}/return`, title],
      ] as const) {
        await customer.open(url);
        await customer.see(headline, `declined-${locale}`);
        expect(await customer.page.getByRole('link', { name: back }).getAttribute('href')).toBe(`${SHOP}/`);
      }
      await customer.follow(again);
      await customer.see('To pay');
    },
  );

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
    const links = customer.page.getByRole('link');
    expect(await links.allInnerTexts()).toEqual(['Back to the shop']);
    expect(await links.getAttribute('href')).toBe(`${SHOP}/`);
    const { charges } = stage.stripe.state();
    expect(charges.filter(({ metadata }) => metadata.paymentId === session.paymentId)).toEqual([]);
  });
});
