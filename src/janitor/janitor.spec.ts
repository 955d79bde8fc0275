import { ProviderError, type ProviderErrorKind } from '../providers/provider.errors.js';
import type { PaymentProvider } from '../providers/provider.port.js';
import { ProviderHealth, ProviderRegistry } from '../providers/provider.registry.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DomainBed } from '../../test/support/domain/domain.bed.js';
import { FAKE, FakeProvider } from '../../test/support/domain/fake.provider.js';
import { sessionRequest } from '../../test/support/domain/requests.js';
import { TestClock } from '../../test/support/domain/test.clock.js';
import { migratedDatabase, type MigratedDatabase } from '../../test/support/outbox/migrated.database.js';
import type { PaymentRow } from '../payments/payment/payment.tables.js';
import { PaymentStore } from '../payments/payment/payment.store.js';
import { OutboxSignal } from '../outbox/outbox.signal.js';
import { Janitor, type Round, workOn } from './janitor.js';
import { OperationRound, UnconfiguredRound } from './janitor.rounds.js';
import { JanitorStore } from './janitor.store.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe("the janitor's rounds", () => {
  let home: MigratedDatabase;
  let stop: () => Promise<void> = () => Promise.resolve();
  const named = (name: string): PaymentProvider => Object.assign(Object.create(new FakeProvider()), { name });
  const registry = (clock: TestClock) =>
    new ProviderRegistry([named('slow'), named('fast')], { routes: [] }, new ProviderHealth(clock));
  const round = (run: Round['run'], perProvider = true): Round => ({
    idleMs: 1,
    failureMs: 1,
    perProvider,
    run,
  });

  beforeAll(async () => {
    home = await migratedDatabase();
  });
  afterAll(() => home.drop());

  it('go on for everybody else while one provider hangs', async () => {
    let release: (count: number) => void = () => undefined;
    const seen: string[] = [];
    const enough = new Promise<void>((resolve) => {
      const note = (what: string): Promise<number> => {
        seen.push(what);
        if (['checks fast', 'others slow', 'others fast', 'house'].every((one) => seen.includes(one)))
          resolve();
        return Promise.resolve(0);
      };
      const hanging = round((provider) =>
        provider === 'slow' ? new Promise((done) => (release = done)) : note(`checks ${provider}`),
      );
      const rounds = [
        hanging,
        round((provider) => note(`others ${provider}`)),
        round(() => note('house'), false),
      ];
      const janitor = new Janitor(rounds, registry(new TestClock(home.database)));
      janitor.onApplicationBootstrap();
      stop = () => janitor.onApplicationShutdown();
    });
    await enough;
    release(0);
    await stop();
  });

  it('hold up the end of the process for 20 seconds at most, and go on no more', async () => {
    jest.useFakeTimers();
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    let [begun, release]: [number, (count: number) => void] = [0, () => undefined];
    const hanging = round(() => {
      begun += 1;
      return new Promise((done) => (release = done));
    }, false);
    const janitor = new Janitor([hanging], registry(new TestClock(home.database)));
    janitor.onApplicationBootstrap();
    const stopped = janitor.onApplicationShutdown();
    await jest.advanceTimersByTimeAsync(20_000);
    await stopped;
    expect(warn).toHaveBeenCalledWith('a round is left unfinished: no answer within 20000 ms');
    release(1);
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    expect(begun).toBe(1);
    warn.mockRestore();
    jest.useRealTimers();
  });

  it('tell the operator of what waits for a provider that is not configured, and leave it as it is', async () => {
    const { database, drop } = await migratedDatabase();
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const bed = new DomainBed(database);
    const { id } = await bed.dying(() => bed.sessions.open(sessionRequest(), 'shop'));
    await bed.clock.advance(3_600);
    const telling = (providers: ProviderRegistry) =>
      new UnconfiguredRound(database, new JanitorStore(), providers);
    const settling = new OperationRound(database, bed.operations, bed.executor, new OutboxSignal());
    const elsewhere = registry(bed.clock);
    expect(await new Janitor([settling, telling(elsewhere)], elsewhere).runOnce()).toBe(0);
    const told = 'calls and checks wait for provider "fake", which is not configured';
    expect(warn).toHaveBeenCalledWith(expect.stringContaining(told));
    expect(await bed.operations.takeOver(database.db, id)).toMatchObject({ state: 'prepared', attempts: 0 });
    warn.mockClear();
    await telling(new ProviderRegistry([bed.provider], { routes: [] }, new ProviderHealth(bed.clock))).run();
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    await drop();
  });

  it('take a minute at most of whatever hangs in them', async () => {
    jest.useFakeTimers();
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const answered: string[] = [];
    const worked = workOn(new Logger('test'), {
      due: ['hangs', 'answers'],
      work: (one) => (one === 'hangs' ? new Promise(() => undefined) : Promise.resolve()),
      trouble: (one) => `${one} failed`,
      answered: async (one) => {
        answered.push(one);
      },
    });
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    expect([await worked, answered]).toEqual([2, ['answers']]);
    expect(warn).toHaveBeenCalledWith('hangs failed: no answer within 60000 ms');
    warn.mockRestore();
    jest.useRealTimers();
  });

  describe('put off the next look at a payment only after one was made', () => {
    let bed: DomainBed;
    let payment: PaymentRow;
    const refusing = (kind: ProviderErrorKind) => () => {
      throw new ProviderError(kind, 'refused', { provider: FAKE });
    };
    /** Milliseconds until it is looked at next. */
    const untilNext = async (): Promise<number> => {
      const { nextCheckAt } = await bed.payment(payment.id);
      return (nextCheckAt?.getTime() ?? NaN) - bed.clock.now().getTime();
    };

    beforeEach(async () => {
      bed = new DomainBed(home.database);
      await bed.clock.advance(0);
      payment = await bed.sessions.open(sessionRequest(), 'shop');
      // A payment of this age is looked at every four hours.
      await bed.clock.advance(4 * 3_600);
      await bed.janitor.runOnce();
      await bed.clock.advance(5 * 3_600);
    });

    it('by its age', async () => {
      expect(await bed.janitor.runOnce()).toBe(1);
      expect(await untilNext()).toBeGreaterThan(5 * HOUR_MS);
    });

    it('but soon after a provider did not answer, and after an error of ours', async () => {
      for (const truth of [refusing('unavailable'), refusing('authentication'), () => [JSON.parse('{}')]]) {
        bed.provider.truth = truth;
        expect(await bed.janitor.runOnce()).toBe(1);
        expect(await untilNext()).toBeLessThan(3 * MINUTE_MS);
        await bed.clock.advance(3 * 60);
      }
      bed.provider.truth = () => [];
      expect(await bed.janitor.runOnce()).toBe(1);
      expect(await untilNext()).toBeGreaterThan(5 * HOUR_MS);
    });

    it('and by its age too where the provider answered that it will not tell', async () => {
      bed.provider.truth = refusing('not_found');
      expect(await bed.janitor.runOnce()).toBe(1);
      expect(await untilNext()).toBeGreaterThan(5 * HOUR_MS);
    });

    it('and soon where the process died in between', async () => {
      const [claimed] = await new PaymentStore().claimDueForCheck(home.database.db, FAKE, 1, 2 * MINUTE_MS);
      expect(claimed?.id).toBe(payment.id);
      expect(await bed.janitor.runOnce()).toBe(0);
      await bed.clock.advance(3 * 60);
      expect(await bed.janitor.runOnce()).toBe(1);
    });
  });
});
