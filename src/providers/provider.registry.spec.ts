import { describe, expect, it } from '@jest/globals';
import { FakeProvider } from '../../test/support/domain/fake.provider.js';
import { Clock } from '../kernel/clock.js';
import type { CallOutcome } from './provider.calls.js';
import type { PaymentProvider } from './provider.port.js';
import { ProviderCheck, ProviderHealth, ProviderRegistry } from './provider.registry.js';

class SetClock extends Clock {
  at = 0;
  override now(): Date {
    return new Date(this.at);
  }
  override sleep(): Promise<void> {
    return Promise.resolve();
  }
}

function named(name: string): PaymentProvider {
  return Object.assign(Object.create(new FakeProvider()), { name });
}

function house(routes: { currency: string; providers: string[] }[] = []) {
  const clock = new SetClock();
  const health = new ProviderHealth(clock);
  const registry = new ProviderRegistry([named('stripe'), named('other')], { routes }, health);
  const calls = (provider: string, ...outcomes: CallOutcome[]) =>
    outcomes.forEach((outcome) => health.note({ provider, outcome }));
  const order = (currency: string, wished?: string) =>
    registry.candidates(currency, wished).map(({ name }) => name);
  return { clock, calls, order, health };
}

describe('who takes a session', () => {
  const routes = [
    { currency: 'MXN', providers: ['other', 'nobody', 'stripe'] },
    { currency: '*', providers: ['stripe'] },
  ];

  it('is by the first route that fits, of those that are configured', () => {
    const { order } = house(routes);
    expect(order('MXN')).toEqual(['other', 'stripe']);
    expect(order('USD')).toEqual(['stripe']);
    expect(house().order('USD')).toEqual(['stripe', 'other']);
    expect(() => house([{ currency: 'MXN', providers: ['nobody'] }]).order('MXN')).toThrow('no configured');
  });

  it('is the other one while the first gives no usable answer', () => {
    const { order, calls, clock } = house(routes);
    calls('other', 'unknown', 'unavailable');
    expect(order('MXN')).toEqual(['other', 'stripe']);
    calls('other', 'unknown');
    expect(order('MXN')).toEqual(['stripe', 'other']);
    clock.at += 30_001;
    expect(order('MXN')).toEqual(['other', 'stripe']);
    calls('other', 'unknown');
    expect(order('MXN')).toEqual(['stripe', 'other']);
    calls('other', 'refused');
    expect(order('MXN')).toEqual(['other', 'stripe']);
  });

  it('is whom the caller names, answering or not', () => {
    const { order, calls } = house(routes);
    calls('other', 'unknown', 'unknown', 'unknown');
    expect(order('MXN', 'other')).toEqual(['other']);
  });
});

describe('a stand-in in production', () => {
  it('S11j is noted by readiness, without its address, and away like any provider', async () => {
    const { health } = house();
    for (const name of ['stripe', 'conekta']) {
      expect(await new ProviderCheck(name, health, true).check()).toEqual({
        ok: true,
        note: `a stand-in answers for ${name} (${name.toUpperCase()}_API_BASE): no money moves`,
      });
      expect(await new ProviderCheck(name, health).check()).toEqual({ ok: true });
      for (let call = 0; call < 3; call += 1) health.note({ provider: name, outcome: 'unknown' });
      expect(await new ProviderCheck(name, health, true).check()).toMatchObject({ ok: false });
    }
  });
});
