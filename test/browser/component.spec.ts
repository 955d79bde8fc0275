import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FrameLocator } from 'playwright-core';
import { eventually } from '../support/harness/eventually.js';
import { readPayment } from '../support/harness/calls.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { type OpenedSession, Stage } from './stage.js';
import type { Visitor } from './visitor.js';

const DECLINED = '4000 0000 0000 0002';
const CONFIRMED = '4000 0025 0000 3155';
const GOOD = '4242 4242 4242 4242';
const EMBEDDED = { ui: 'embedded' };
const SPANISH = { locale: 'es-MX' };
const DAY_S = 86_400;

describe("a customer at Conekta's component in our page", () => {
  let stage: Stage;
  let stream: StreamReader;

  beforeAll(async () => {
    stage = await Stage.open();
    stream = await stage.world.openStream();
  }, 120_000);
  afterEach(async () => {
    stage.conekta.delivery.set({ paused: false });
    await stage.clear();
  });
  afterAll(() => stage?.close());

  const component = ({ page }: Visitor): FrameLocator => page.frameLocator('#checkout iframe');

  async function payWith(form: Pick<FrameLocator, 'locator'>, number: string): Promise<void> {
    await form.locator('[name=number]').fill(number);
    await form.locator('[name=name]').fill('Ana Pérez');
    await form.locator('[name=exp]').fill('12 / 34');
    await form.locator('[name=cvc]').fill('123');
    await form.locator('[data-action=pay]').click();
  }

  /** Paid once, by what everybody is told. */
  async function expectPaidOnce({ paymentId }: OpenedSession): Promise<void> {
    const { orderId } = await readPayment(stage.service, paymentId);
    await eventually(async () => {
      const types = await stream.typesOf(orderId);
      expect(types.filter((type) => type === 'payment.succeeded')).toHaveLength(1);
    });
  }

  it('pays by card in months, waits for the truth, and gets a receipt, in Spanish', async () => {
    const [customer, session] = await stage.mexicanCustomer({ ...EMBEDDED, installments: [3, 6] }, SPANISH);
    await customer.see('Completa tu pago');
    const form = component(customer);
    await form.locator('[name=installments]').selectOption('6');
    await customer.see('Completa tu pago', 'component-es');
    stage.conekta.delivery.set({ paused: true });
    await payWith(form, GOOD);
    await customer.see('Esperando la confirmación', 'component-waiting-es');
    expect(customer.page.url()).toBe(`${session.url}/return`);
    stage.conekta.delivery.set({ paused: false });
    await customer.see('Pago recibido', 'component-paid-es');
    await customer.follow('Ver el recibo');
    await customer.see('Recibo', 'component-receipt-es');
    const words = await customer.words();
    for (const text of ['$850.50 MXN', 'Silla', 'Visa', '4242', '6']) expect(words).toContain(text);
    await expectPaidOnce(session);
  });

  it('reads why a card was declined, and pays with another one, in English', async () => {
    const [customer, session] = await stage.mexicanCustomer(EMBEDDED);
    const form = component(customer);
    await payWith(form, DECLINED);
    await form.getByRole('alert').waitFor();
    await customer.see('Complete your payment', 'component-declined');
    expect(await form.getByRole('alert').innerText()).toMatch(/refused the card/i);
    await payWith(form, GOOD);
    await customer.becomes('Payment received');
    await expectPaidOnce(session);
  });

  it('confirms at the bank, after having refused once', async () => {
    const [customer, session] = await stage.mexicanCustomer(EMBEDDED);
    const form = component(customer);
    await payWith(form, CONFIRMED);
    await form.locator('[data-action=refuse]').click();
    await form.getByRole('alert').waitFor();
    expect(await customer.page.getByRole('alert').innerText()).toMatch(/bank/);
    await payWith(form, CONFIRMED);
    await form.locator('[data-action=approve]').waitFor();
    expect(await customer.page.getByRole('alert').innerText()).toBe('');
    await customer.see('Complete your payment', 'component-bank');
    await form.locator('[data-action=approve]').click();
    await customer.becomes('Payment received');
    await expectPaidOnce(session);
  });

  it('takes a voucher, may print it and come back to it, and is told when the shop was paid', async () => {
    const [customer, session] = await stage.mexicanCustomer(EMBEDDED, SPANISH);
    await component(customer).locator('[data-action=choose-cash]').click();
    await customer.becomes('Paga en efectivo', {
      link: 'Consultar de nuevo',
      picture: 'component-voucher-es',
    });
    const words = await customer.words();
    const { paymentMethod } = await readPayment(stage.service, session.paymentId);
    expect(words.replaceAll(/\s/g, '')).toContain(paymentMethod?.reference ?? 'no reference');
    await customer.page.getByRole('img').waitFor();
    await customer.page.emulateMedia({ media: 'print' });
    expect(await customer.page.getByRole('button').filter({ visible: true }).count()).toBe(0);
    await customer.page.emulateMedia({ media: 'screen' });

    const again = await stage.visitor(SPANISH);
    await again.open(session.url);
    await again.see('Paga en efectivo');

    await stage.conekta.advance(2 * DAY_S);
    await stage.conekta.payVoucher(session.sessionId);
    await stage.conekta.delivery.settled();
    await eventually(async () => {
      await customer.open(session.url);
      await customer.page.getByRole('heading', { name: 'Pago recibido' }).waitFor({ timeout: 1_000 });
    });
    await customer.see('Pago recibido');
    await customer.follow('Ver el recibo');
    await customer.see('Recibo', 'component-receipt-cash-es');
    await expectPaidOnce(session);
  });

  it('takes a CLABE, and is told when the transfer has arrived', async () => {
    const [customer, session] = await stage.mexicanCustomer(EMBEDDED);
    await component(customer).locator('[data-action=choose-transfer]').click();
    await customer.becomes('Pay by bank transfer', { picture: 'component-clabe' });
    const { paymentMethod } = await readPayment(stage.service, session.paymentId);
    expect((await customer.words()).replaceAll(/\s/g, '')).toContain(paymentMethod?.clabe ?? 'no CLABE');
    await stage.conekta.receiveTransfer(session.sessionId);
    await stage.conekta.delivery.settled();
    await eventually(async () => {
      await customer.open(`${session.url}/return`);
      await customer.page.getByRole('heading', { name: 'Payment received' }).waitFor({ timeout: 1_000 });
    });
    await customer.see('Payment received');
    await expectPaidOnce(session);
  });

  it.each([
    ['en-US', 'Payment received', 'Check again'],
    ['es-MX', 'Pago recibido', 'Consultar de nuevo'],
  ])("pays on Conekta's own page and returns to ours (%s)", async (locale, paid, link) => {
    const [customer, session] = await stage.mexicanCustomer({}, { locale });
    expect(customer.page.url()).toMatch(new RegExp(`^${stage.conekta.url}/checkout/`));
    await payWith(customer.page, GOOD);
    await customer.becomes(paid, { link });
    expect(customer.page.url()).toMatch(new RegExp(`^${stage.service.url}/payments/success`));
    await expectPaidOnce(session);
  });

  it('is sent to the checkout by a plain form, without any script', async () => {
    const customer = await stage.visitor();
    const fields = {
      orderId: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
      provider: 'conekta',
      ui: 'embedded',
      currency: 'MXN',
      'items[0][name]': 'Silla',
      'items[0][price]': '850.50',
      'items[0][quantity]': '1',
      'customer[name]': 'Ana Pérez',
      'customer[email]': 'ana@example.com',
      'customer[phone]': '+525512345678',
    };
    const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
    const action = `${stage.service.url}/payments/create-session`;
    await customer.page.setContent(
      `<form method="post" action="${action}">${inputs.join('')}<button>Pagar</button></form>`,
    );
    await customer.press('Pagar');
    await customer.see('Complete your payment');
    expect(customer.page.url()).toMatch(new RegExp(`^${stage.service.url}/pay/[0-9a-f-]{36}$`));
    await payWith(component(customer), GOOD);
    await customer.becomes('Payment received');
  });

  it("pays inside Stripe's embedded page in the same way", async () => {
    const [customer, session] = await stage.customer(EMBEDDED);
    await customer.see('Complete your payment', 'embedded-stripe');
    const form = component(customer);
    await form.getByLabel('Card number').fill(GOOD);
    await form.getByRole('button', { name: /^Pay / }).click();
    await customer.becomes('Payment received');
    expect(customer.page.url()).toMatch(/\/pay\/[^/]+\/return/);
    await expectPaidOnce(session);
  });
});
