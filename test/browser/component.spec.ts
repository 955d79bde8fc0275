import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FrameLocator, Route } from 'playwright-core';
import { eventually } from '../support/harness/eventually.js';
import { mexicanPurchase, openAtProvider, purchase, readPayment } from '../support/harness/calls.js';
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

  describe.each([
    ['stripe', 'en-US', 'nothing was charged', 'Loading the payment form…', 'Complete your payment'],
    ['stripe', 'es-MX', 'no se cobró nada', 'Cargando el formulario de pago…', 'Completa tu pago'],
    ['conekta', 'en-US', 'nothing was charged', 'Loading the payment form…', 'Complete your payment'],
    ['conekta', 'es-MX', 'no se cobró nada', 'Cargando el formulario de pago…', 'Completa tu pago'],
  ] as const)('whose form does not come (%s, %s)', (provider, locale, nothing, loading, title) => {
    const SCRIPT = { stripe: '**/js/stripe.js', conekta: '**/conekta-checkout.min.js' }[provider];
    const FRAME = { stripe: '**/c/embed/**', conekta: '**/component/checkouts/**' }[provider];
    const request = { ...EMBEDDED, cancelUrl: 'https://shop.example/cart' };

    /** The page with its form in trouble; what a browser writes to its console about that is no complaint. */
    async function arrive(pattern: string, trouble: (route: Route) => unknown): Promise<Visitor> {
      const wanted = provider === 'conekta' ? mexicanPurchase(request) : purchase(request);
      const session = await openAtProvider(stage.service, wanted);
      const visitor = await stage.visitor({ locale });
      await visitor.page.clock.install();
      await visitor.page.context().route(pattern, trouble);
      await visitor.page.goto(session.url, { waitUntil: 'commit' });
      return visitor;
    }

    async function expectWays({ page }: Visitor): Promise<void> {
      const alert = page.getByRole('alert');
      await alert.filter({ hasText: nothing }).waitFor();
      expect(await alert.innerText()).not.toMatch(/did not go through|no se pudo realizar/);
      await page.locator('#retry').waitFor();
      await page.getByRole('link', { name: /shop|tienda/ }).waitFor();
      expect(await page.getByText(loading).isVisible()).toBe(false);
    }

    it.each<[string, (route: Route) => unknown]>([
      ['is blocked', (route) => route.abort('blockedbyclient')],
      [
        'is an error',
        (route) => route.fulfill({ status: 500, contentType: 'text/html', body: '<h1>500</h1>' }),
      ],
      ['is garbage', (route) => route.fulfill({ contentType: 'text/javascript', body: 'window.Stripe = <' })],
    ])(
      'S18j reads that nothing was tried where the script %s, and gets the form by trying again',
      async (how, trouble) => {
        const visitor = await arrive(SCRIPT, trouble);
        await expectWays(visitor);
        await visitor.see(
          title,
          `form-script-${how.replace('is ', '').replace('an ', '')}-${provider}-${locale}`,
        );
        await visitor.page.context().unroute(SCRIPT);
        await visitor.page.locator('#retry').click();
        await component(visitor).locator('form').first().waitFor();
        expect(await visitor.page.locator('#problem').innerText()).toBe('');
        visitor.complaints.length = 0;
      },
    );

    it('S18k waits in sight for a frame that hangs, has an end to it, and takes the frame when it comes', async () => {
      let goOn = (): void => undefined;
      const held = new Promise<void>((resolve) => (goOn = resolve));
      const visitor = await arrive(FRAME, async (route) => {
        await held;
        await route.continue();
      });
      await visitor.page.locator('iframe').waitFor({ state: 'attached' });
      expect(await visitor.page.getByText(loading).isVisible()).toBe(true);
      await visitor.see(title, `form-loading-${provider}-${locale}`);
      await visitor.page.clock.fastForward(16_000);
      await expectWays(visitor);
      await visitor.see(title, `form-hanging-${provider}-${locale}`);
      goOn();
      await component(visitor).locator('form').first().waitFor();
      await eventually(async () => expect(await visitor.page.locator('#problem').innerText()).toBe(''));
      expect(await visitor.page.locator('#checkout').isVisible()).toBe(true);
      visitor.complaints.length = 0;
    });

    it('S18l does not sit before a frame that is blocked without a word', async () => {
      const visitor = await arrive(FRAME, (route) => route.abort('blockedbyclient'));
      await visitor.page.locator('iframe').waitFor({ state: 'attached' });
      await eventually(async () => {
        await visitor.page.clock.fastForward(16_000);
        expect(await visitor.page.getByRole('alert').innerText()).toContain(nothing);
      });
      await expectWays(visitor);
      await visitor.see(title, `form-frame-blocked-${provider}-${locale}`);
      visitor.complaints.length = 0;
    });
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
