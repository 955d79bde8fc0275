import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { PlanTerms } from '../../src/providers/billing.facts.js';
import type { PlanCommand } from '../../src/providers/billing.ports.js';
import type { ProviderCall } from '../../src/providers/provider.calls.js';
import { known, sessionInput } from '../support/stripe/adapter.bed.js';
import { BillingBench, MONTHLY, newCustomer, only } from './billing.bench.js';
import { STAGES, type StageName } from './provider.stage.js';
import { refusalOf } from './refusals.js';
import { STAGE_INSTALLATION } from './stage.clock.js';

const CARD_UNUSABLE = { kind: 'card_unusable' };

/** Terms and changes that a provider lacks, and the field that it names. */
const LACKS: Record<StageName, ['create_plan' | 'update_plan', Partial<PlanTerms>, string, string][]> = {
  stripe: [
    ['create_plan', { interval: 'half_month' }, 'capability_not_supported', 'interval'],
    ['create_plan', { maxRetries: 3 }, 'capability_not_supported', 'maxRetries'],
    ['create_plan', { retryDelayHours: 48 }, 'capability_not_supported', 'retryDelayHours'],
    ['update_plan', { frequency: 2 }, 'capability_not_supported', 'frequency'],
  ],
  conekta: [
    ['create_plan', { maxRetries: 1 }, 'invalid_request', 'maxRetries'],
    ['create_plan', { money: { amount: 900n, currency: 'EUR' } }, 'currency_not_supported', 'currency'],
    ['update_plan', { interval: 'year' }, 'capability_not_supported', 'interval'],
    ['update_plan', { trialDays: 30 }, 'capability_not_supported', 'trialDays'],
  ],
};

/** What every adapter owes the service of customers, their cards and plans, whichever provider is behind it. */
describe.each(STAGES)('the adapter of %s', (name) => {
  let bench: BillingBench;
  beforeEach(async () => {
    bench = await BillingBench.open(name);
  });
  afterEach(() => bench.close());

  it('T3p writes whose it is on everything that it makes', async () => {
    const { stage, customers, plans, subscriptions, charges, cardSetups } = bench;
    const marks = (request: ProviderCall['request']): number =>
      JSON.stringify(request).split(`"installationId":"${STAGE_INSTALLATION}"`).length - 1;
    const { cardId: _, target: __, ...subscribe } = await bench.creation();
    const setup = { setupId: randomUUID(), returnUrl: 'https://payments.example/cards' };
    const payer = { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' };
    expect({
      session: marks(stage.provider.sessionRequest(sessionInput({ customer: payer }, 'MXN', 15_000n))),
      charge: marks(charges.request(await bench.chargeInput())),
      customer: marks(customers.request(newCustomer())),
      plan: marks(plans.request({ kind: 'create_plan', planId: 'gold', terms: MONTHLY })),
      subscription: marks(subscriptions.request(subscribe)),
      setup: marks(cardSetups.request(setup)),
    }).toEqual(
      name === 'stripe'
        ? // The session and its intent; the product and its price; the session and its setup intent.
          { session: 2, charge: 1, customer: 1, plan: 2, subscription: 1, setup: 2 }
        : // Plans, subscriptions and tokens have no metadata there.
          { session: 1, charge: 1, customer: 1, plan: 0, subscription: 0, setup: 0 },
    );
    const made = await bench.run(customers, newCustomer());
    const { providerCustomerId } = only(made, 'customer');
    const noted = { kind: 'update_customer', providerCustomerId, metadata: { tier: 'silver' } } as const;
    const changed = only(await bench.run(customers, noted), 'customer');
    expect(changed.installationId).toBe(STAGE_INSTALLATION);
  });

  describe('keeps a customer', () => {
    it('that is made once, with a card, however often it is asked for', async () => {
      const { stage, customers } = bench;
      const command = newCustomer({ token: await stage.token('pays') });
      const results = await bench.runInDoubt(customers, command, stage.paths.customer);
      const { customerId, name: called, email, phone } = command;
      const fact = only(results[0] ?? { facts: [] }, 'customer');
      expect(fact).toMatchObject({
        provider: name,
        livemode: false,
        customerId,
        deleted: false,
        name: called,
        email,
        phone,
        cards: [{ brand: 'visa', last4: '4242', blocked: false, expYear: expect.any(Number) }],
        defaultCardId: fact.cards[0]?.providerSourceId,
      });
      expect(results.map(({ madeId }) => madeId)).toEqual(Array(2).fill(fact.providerCustomerId));
      expect(await customers.retrieve(fact.providerCustomerId)).toEqual(fact);
      expect(stage.made()).toMatchObject({ customers: 1, cards: 1 });
    });

    it('whose cards come and go, each once, and one is the default', async () => {
      const { stage, customers } = bench;
      const { providerCustomerId, defaultCardId: first = '' } = await bench.customer();
      const token = await stage.token('pays');
      const adding = { kind: 'add_card', providerCustomerId, token, makeDefault: false } as const;
      const path = stage.paths.card(providerCustomerId, token);
      const [soon, late] = await bench.runInDoubt(customers, adding, path);
      const second = soon?.madeId ?? '';
      expect(late?.madeId).toBe(second);
      const cardsOf = async () => {
        const { cards, defaultCardId } = await customers.retrieve(providerCustomerId);
        return [cards.map(({ providerSourceId }) => providerSourceId), defaultCardId];
      };
      expect(await cardsOf()).toEqual([[first, second], first]);
      const third = await bench.run(customers, {
        ...adding,
        token: await stage.token('pays'),
        makeDefault: true,
      });
      expect(await cardsOf()).toEqual([[first, second, third.madeId], third.madeId]);
      const command = { providerCustomerId, providerSourceId: second };
      await bench.run(customers, { kind: 'set_default_card', ...command });
      expect(await cardsOf()).toEqual([[first, second, third.madeId], second]);
      const removal = { kind: 'remove_card', ...command } as const;
      const removed = only(await bench.run(customers, removal), 'customer');
      expect(removed.cards.map(({ providerSourceId }) => providerSourceId)).toEqual([first, third.madeId]);
      expect(await customers.retrieve(providerCustomerId)).toEqual(removed);
      const again = { ...bench.recorded(customers.request(removal)), sentBefore: stage.clock.now() };
      expect(await customers.run('remove_card', again)).toMatchObject({ known: true });
    });

    it("to whom neither a used token nor somebody else's card can be given", async () => {
      const { stage, customers } = bench;
      const { providerCustomerId, defaultCardId: theirs = '' } = await bench.customer();
      const token = await stage.token('pays');
      const used = newCustomer({ token });
      await bench.run(customers, used);
      const adding = { kind: 'add_card', providerCustomerId, token, makeDefault: true } as const;
      await expect(bench.run(customers, adding)).rejects.toMatchObject(CARD_UNUSABLE);
      await expect(bench.run(customers, { ...used, customerId: randomUUID() })).rejects.toMatchObject(
        CARD_UNUSABLE,
      );
      const other = only(await bench.run(customers, newCustomer()), 'customer').providerCustomerId;
      const command = { providerCustomerId: other, providerSourceId: theirs };
      const taking = bench.run(customers, { kind: 'set_default_card', ...command });
      await expect(taking).rejects.toMatchObject(CARD_UNUSABLE);
      await bench.run(customers, { kind: 'remove_card', ...command }).catch(() => undefined);
      expect((await customers.retrieve(providerCustomerId)).cards).toHaveLength(1);
    });

    it('that can be changed, and is gone when it is deleted, however often that is said', async () => {
      const { stage, customers } = bench;
      const { providerCustomerId, customerId } = await bench.customer();
      const changes = { name: 'Ana P. de la Cruz', email: 'ana@otra.example', metadata: { tier: 'silver' } };
      const changed = await bench.run(customers, { kind: 'update_customer', providerCustomerId, ...changes });
      const { name: called, email } = changes;
      expect(only(changed, 'customer')).toMatchObject({ customerId, name: called, email });
      const deletion = { kind: 'delete_customer', providerCustomerId } as const;
      const call = bench.recorded(customers.request(deletion));
      for (const sentBefore of [undefined, stage.clock.now()]) {
        const told = only(known(await customers.run(deletion.kind, { ...call, sentBefore })), 'customer');
        expect(told).toMatchObject({ providerCustomerId, deleted: true, cards: [] });
      }
      expect(await customers.retrieve(providerCustomerId)).toMatchObject({ deleted: true, cards: [] });
    });

    it('whose card comes from a form', async () => {
      const { stage, cardSetups, customers } = bench;
      const { providerCustomerId } = only(await bench.run(customers, newCustomer()), 'customer');
      const request = cardSetups.request({
        setupId: randomUUID(),
        providerCustomerId,
        returnUrl: 'https://payments.example/cards',
        locale: 'es',
      });
      const setup = known(await cardSetups.create(bench.recorded(request)));
      expect(setup.expiresAt.getTime()).toBeGreaterThan(stage.clock.now().getTime());
      const form = cardSetups.form(setup.embed, 'es', {});
      expect(Object.values(form.config).every((text) => text !== '')).toBe(true);
      expect(await cardSetups.tokenOf(setup.providerSetupId)).toBeUndefined();
      const inBrowser = await stage.fillForm(setup.providerSetupId);
      const token = inBrowser ?? (await cardSetups.tokenOf(setup.providerSetupId)) ?? '';
      if (setup.token !== undefined) expect(token).toBe(setup.token);
      // What the form has attached is there, and to attach it is no mistake.
      if (cardSetups.attachesCards)
        expect((await customers.retrieve(providerCustomerId)).cards).toHaveLength(1);
      const adding = { kind: 'add_card', providerCustomerId, token, makeDefault: true } as const;
      const { madeId } = await bench.run(customers, adding);
      expect(await customers.retrieve(providerCustomerId)).toMatchObject({
        cards: [{ providerSourceId: madeId, last4: '4242' }],
        defaultCardId: madeId,
      });
    });
  });

  describe('keeps a plan', () => {
    const TERMS: PlanTerms = { ...MONTHLY, trialDays: 7, expiryCount: 12 };

    it('that is made once, and told as it was asked for', async () => {
      const { stage, plans } = bench;
      const planId = `oro-${randomUUID()}`;
      const creation = { kind: 'create_plan', planId, terms: TERMS } as const;
      const [soon, late] = await bench.runInDoubt(plans, creation, stage.paths.plan);
      const fact = only(soon ?? { facts: [] }, 'plan');
      expect(fact).toMatchObject({ provider: name, livemode: false, planId, deleted: false, terms: TERMS });
      expect(late).toMatchObject({ madeId: fact.providerPlanId });
      expect(await plans.retrieve(fact.providerPlanId)).toEqual(fact);
      expect(stage.made().plans).toBe(1);
      expect(await plans.retrieve('there_is_none')).toBeUndefined();
    });

    it('that can be changed, and that nobody can have once it is deleted', async () => {
      const { plans, subscriptions } = bench;
      const { planId = '', providerPlanId, providerProductId } = await bench.plan(TERMS);
      const terms: PlanTerms = { ...TERMS, name: 'Platino', money: { amount: 29_900n, currency: 'MXN' } };
      const changed = await bench.run(plans, {
        kind: 'update_plan',
        planId,
        target: { providerPlanId, providerProductId },
        terms,
        changed: ['name', 'money'],
      });
      const now = only(changed, 'plan');
      const target = { providerPlanId: now.providerPlanId, providerProductId };
      expect(now).toMatchObject({ planId, terms, deleted: false });
      expect(await plans.retrieve(now.providerPlanId)).toEqual(now);
      const deletion = { kind: 'delete_plan', target } as const;
      const deleted = await bench.run(plans, deletion);
      expect(deleted.facts).toMatchObject(deleted.facts.map(() => ({ kind: 'plan', deleted: true })));
      expect((await plans.retrieve(now.providerPlanId))?.deleted ?? true).toBe(true);
      const { cardId: _, target: __, ...creation } = await bench.creation(terms, target);
      await expect(bench.run(subscriptions, creation)).rejects.toMatchObject({ kind: 'invalid_request' });
    });

    it('and says by name what it lacks', () => {
      const refusals = LACKS[name].map(([kind, changes]) => {
        const terms = { ...TERMS, ...changes };
        const changed = Object.keys(changes).filter((term) => isTerm(term));
        const command: PlanCommand =
          kind === 'update_plan'
            ? { kind, planId: 'oro', target: { providerPlanId: 'oro' }, terms, changed }
            : { kind, planId: 'oro', terms };
        return refusalOf(() => bench.plans.request(command));
      });
      expect(refusals).toEqual(LACKS[name].map(([, , ...refusal]) => refusal));
    });
  });
});

function isTerm(name: string): name is keyof PlanTerms {
  return name in MONTHLY || name === 'maxRetries' || name === 'retryDelayHours' || name === 'expiryCount';
}
