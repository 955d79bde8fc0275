import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { FrameLocator, Page } from 'playwright-core';
import {
  type CustomerBody,
  send,
  type SubscriptionBody,
  type TokenBody,
} from '../support/harness/billing.stage.js';
import { eventually } from '../support/harness/eventually.js';
import { SHOP, Stage } from './stage.js';
import type { Visitor } from './visitor.js';

const PERSON = { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' };
const GOOD = '4242 4242 4242 4242';
const PLAN = { name: 'Club', amount: 19_900, currency: 'MXN', interval: 'month' };

/** What a page of the shop keeps of the messages that it gets. */
type Heard = { origin: string; data: unknown }[];

describe('a customer who saves a card', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  }, 120_000);
  afterEach(() => stage.clear());
  afterAll(() => stage?.close());

  const form = (page: Page): FrameLocator => page.frameLocator('#checkout iframe');

  async function made<Body>(path: string, body: object): Promise<Body> {
    const answer = await send<Body>(stage.service, 'POST', path, body);
    expect(answer).toEqual({ status: 201, body: answer.body });
    return answer.body;
  }

  async function visit(provider: string, locale: string): Promise<[Visitor, CustomerBody, TokenBody]> {
    const customer = await made<CustomerBody>('/customers', { ...PERSON, provider });
    const setup = await made<TokenBody>('/tokens', { customerId: customer.customerId });
    const visitor = await stage.visitor({ locale });
    await visitor.open(setup.url);
    return [visitor, customer, setup];
  }

  async function typeAtConekta(page: Page, number: string): Promise<void> {
    await form(page).locator('[name=number]').fill(number);
    await form(page).locator('[name=name]').fill('Ana Pérez');
    await form(page).locator('[name=exp]').fill('12 / 34');
    await form(page).locator('[name=cvc]').fill('123');
    await form(page).locator('[data-action=pay]').click();
  }

  async function typeAtStripe({ page }: Visitor, number: string): Promise<void> {
    await form(page).getByLabel('Card number').fill(number);
    await form(page).getByRole('button').click();
  }

  /** The number was typed, so the provider has it; we have not. */
  function expectNumberKept(visitor: Visitor, provider: string): void {
    const digits = GOOD.replaceAll(' ', '');
    expect(visitor.toldTo(provider)).toContain(digits);
    expect(visitor.toldTo(stage.service.url)).not.toContain(digits);
  }

  /** The saved card is the one that is charged for the plan from now on. */
  async function expectSubscribes({ customerId }: CustomerBody, provider: string): Promise<void> {
    const read = await send<CustomerBody>(stage.service, 'GET', `/customers/${customerId}`);
    const [card, ...others] = read.body.paymentSources;
    expect([card, others]).toMatchObject([{ last4: '4242', default: true }, []]);
    const planId = randomUUID();
    await made('/plans', { ...PLAN, provider, planId });
    const { subscriptionId } = await made<SubscriptionBody>('/subscriptions', {
      customerId,
      planId,
      paymentSourceId: card?.paymentSourceId,
    });
    await eventually(async () => {
      const { body } = await send<SubscriptionBody>(stage.service, 'GET', `/subscriptions/${subscriptionId}`);
      expect(body).toMatchObject({ status: 'active', paymentSourceId: card?.paymentSourceId });
    });
  }

  it('reads in Spanish why Conekta refused one, saves another, and subscribes with it', async () => {
    const [visitor, customer, setup] = await visit('conekta', 'es-MX');
    await visitor.see('Guarda tu tarjeta', 'saving-es');
    await typeAtConekta(visitor.page, '4000 0000 0000 0069');
    const alert = visitor.page.getByRole('alert');
    await eventually(async () => expect(await alert.innerText()).toBe('La tarjeta está vencida.'));
    await visitor.see('Guarda tu tarjeta', 'saving-declined-es');
    await typeAtConekta(visitor.page, GOOD);
    await visitor.see('Tarjeta guardada', 'saving-saved-es');
    expect(await visitor.words()).toMatch(/Visa terminación 4242/);
    expectNumberKept(visitor, stage.conekta.url);
    await visitor.open(setup.url);
    await visitor.see('Tarjeta guardada');
    await expectSubscribes(customer, 'conekta');
  });

  it("does the same in Stripe's form, in English", async () => {
    const [visitor, customer] = await visit('stripe', 'en-US');
    await visitor.see('Save your card', 'saving-stripe');
    await typeAtStripe(visitor, '4000 0000 0000 0002');
    await form(visitor.page).getByRole('alert').waitFor();
    await visitor.see('Save your card', 'saving-stripe-declined');
    await typeAtStripe(visitor, GOOD);
    await visitor.see('Card saved', 'saving-stripe-saved');
    expect(await visitor.words()).toMatch(/Visa ending in 4242/);
    expectNumberKept(visitor, stage.stripe.url);
    await expectSubscribes(customer, 'stripe');
  });

  it.each([
    ['stripe', 'es-MX', '**/js/stripe.js', 'Guarda tu tarjeta', 'no se guardó ninguna', 'Volver a la tienda'],
    ['stripe', 'en-US', '**/c/embed/**', 'Save your card', 'no card was saved', 'Back to the shop'],
    [
      'conekta',
      'es-MX',
      '**/component/card**',
      'Guarda tu tarjeta',
      'no se guardó ninguna',
      'Volver a la tienda',
    ],
    [
      'conekta',
      'en-US',
      '**/conekta-checkout.min.js',
      'Save your card',
      'no card was saved',
      'Back to the shop',
    ],
  ])(
    'S18m reads at %s (%s) that the form could not be loaded, whatever hangs (%s)',
    async (provider, locale, pattern, title, nothing, back) => {
      const setup = await made<TokenBody>('/tokens', { provider });
      const visitor = await stage.visitor({ locale });
      const { page } = visitor;
      await page.clock.install();
      let goOn = (): void => undefined;
      const held = new Promise<void>((resolve) => (goOn = resolve));
      await page.context().route(pattern, async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(setup.url, { waitUntil: 'commit' });
      await page.locator('#loading').waitFor();
      if (!pattern.endsWith('.js')) await page.locator('iframe').waitFor({ state: 'attached' });
      await page.clock.fastForward(16_000);
      await page.getByRole('alert').filter({ hasText: nothing }).waitFor();
      await visitor.see(title, `saving-hanging-${provider}-${locale}`);
      await page.locator('#retry').waitFor();
      expect(await page.getByRole('link', { name: back }).getAttribute('href')).toBe(`${SHOP}/`);
      goOn();
      await form(page).locator('form').first().waitFor();
      await eventually(async () => expect(await page.getByRole('alert').first().innerText()).toBe(''));
      visitor.complaints.length = 0;
    },
  );

  it("comes from a shop's window, which is told the token of the card", async () => {
    const successUrl = `${SHOP}/cards/saved`;
    const { url, setupId, token } = await made<TokenBody>('/tokens', { provider: 'conekta', successUrl });
    const { page } = await stage.visitor();
    await page
      .context()
      .route(`${SHOP}/**`, (route) => route.fulfill({ contentType: 'text/html', body: '<h1>The shop</h1>' }));
    await page.goto(SHOP);
    await page.evaluate(
      `heard = []; addEventListener('message', ({ origin, data }) => heard.push({ origin, data }))`,
    );
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate(`void open(${JSON.stringify(url)})`),
    ]);
    await typeAtConekta(popup, GOOD);
    await popup.getByRole('heading', { name: 'Card saved' }).waitFor();
    const data = { type: 'card-saved', setupId, token };
    const heard: Heard = [{ origin: stage.service.url, data }];
    expect(await page.evaluate('heard')).toEqual(heard);
    await popup.getByRole('link', { name: 'Continue to the shop' }).click();
    await popup.getByRole('heading', { name: 'The shop' }).waitFor();
    expect(popup.url()).toBe(`${successUrl}?token=${token}`);
    const { paymentSources } = await made<CustomerBody>('/customers', {
      ...PERSON,
      provider: 'conekta',
      token,
    });
    expect(paymentSources).toMatchObject([{ last4: '4242' }]);
  });
});
