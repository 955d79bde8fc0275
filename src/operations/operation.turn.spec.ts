import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Database, type Tx } from '../database/database.js';
import { Clock } from '../kernel/clock.js';
import { ServiceError } from '../kernel/errors.js';
import { OutboxSignal } from '../outbox/outbox.signal.js';
import { ProviderError } from '../providers/provider.errors.js';
import { OperationExecutor, type Settlement } from './operation.executor.js';
import { OperationHandlers } from './operation.handler.js';
import { type Operation, OperationStore } from './operation.store.js';
import { type Next, OperationTurn, PATIENCE_MS, type Turn } from './operation.turn.js';

/** Counts who is in a transaction; nothing is kept, and nothing connected to. */
function countingDatabase() {
  const unconnected = Database.open({ url: 'postgres://127.0.0.1:1/none', onError: () => undefined });
  const counted = { open: 0, most: 0 };
  const transaction = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    counted.open += 1;
    counted.most = Math.max(counted.most, counted.open);
    try {
      return await work(Object.create(null));
    } finally {
      counted.open -= 1;
    }
  };
  return { database: Object.assign(unconnected, { transaction }), counted };
}

/** Whoever sleeps is woken by the test. */
class HandClock extends Clock {
  readonly sleepers: (() => void)[] = [];
  offsetMs = 0;

  override now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  override sleep(): Promise<void> {
    return new Promise((resolve) => this.sleepers.push(resolve));
  }

  wake(): void {
    for (const resolve of this.sleepers.splice(0)) resolve();
  }
}

class FakeExecutor extends OperationExecutor {
  readonly made: string[] = [];
  settle: (operation: Operation) => Promise<Settlement> = () => Promise.resolve({ kind: 'done' });

  override execute(operation: Operation): Promise<Settlement> {
    this.made.push(operation.id);
    return this.settle(operation);
  }
}

class OneOperation extends OperationStore {
  left: Operation | undefined;
  isFree = true;

  override unsettledOf(): Promise<Operation | undefined> {
    return Promise.resolve(this.left);
  }

  override takeOver(): Promise<Operation | undefined> {
    return Promise.resolve(this.isFree ? this.left : undefined);
  }
}

const REFUSED: Settlement = {
  kind: 'refused',
  error: new ProviderError('invalid_request', 'no', { provider: 'fake' }),
};
const BUSY: Next<string> = { kind: 'busy', details: { paymentId: 'p-1' } };

const operation = (id: string): Operation => ({
  id,
  subjectId: 'subject',
  provider: 'fake',
  kind: 'create_session',
  target: null,
  request: {},
  state: 'prepared',
  attempts: 0,
  misses: 0,
  leaseUntil: null,
  lastError: null,
  createdAt: new Date(),
  firstSentAt: null,
  settledAt: null,
});

describe('a turn', () => {
  let counted: ReturnType<typeof countingDatabase>['counted'];
  let store: OneOperation;
  let executor: FakeExecutor;
  let clock: HandClock;
  let turn: OperationTurn;
  let wakes: number;

  beforeEach(() => {
    const { database, ...opened } = countingDatabase();
    counted = opened.counted;
    store = new OneOperation();
    clock = new HandClock();
    executor = new FakeExecutor(database, store, new OperationHandlers());
    const signal = new OutboxSignal();
    wakes = 0;
    signal.wake = () => {
      wakes += 1;
    };
    turn = new OperationTurn(database, store, executor, signal, clock);
  });
  afterEach(() => {
    jest.useRealTimers();
    expect(Reflect.get(turn, 'lines')).toHaveProperty('size', 0);
    expect(counted.open).toBe(0);
  });

  const take = (decide: () => Next<string> | Promise<Next<string>>, changes: Partial<Turn<string>> = {}) =>
    turn.take<string>(
      {
        subject: 'order:1',
        noun: 'order',
        details: { orderId: '1' },
        patienceMs: 10_000,
        decide: async () => decide(),
        settled: () => undefined,
        result: () => Promise.resolve('made'),
        ...changes,
      },
      'api:shop',
    );
  const settled = (value: string): Next<string> => ({ kind: 'settled', value });
  const call = (...ids: string[]): Next<string> => ({ kind: 'call', operations: ids.map(operation) });
  /** Until everything that can go on has gone on. */
  const quiet = async () => {
    for (let round = 0; round < 20; round += 1) await new Promise(setImmediate);
  };
  /** Something that ends when the test says so. */
  const gate = <T>() => {
    let open: (value: T) => void = () => undefined;
    const opened = new Promise<T>((resolve) => (open = resolve));
    return { opened, open };
  };

  it('decides, makes its calls in their order, and says what came of them', async () => {
    const told: string[] = [];
    const value = await take(() => call('a', 'b'), {
      settled: ({ id }, settlement, isEarlier) => void told.push(`${id} ${settlement.kind} ${isEarlier}`),
      result: (operations) => Promise.resolve(operations.map(({ id }) => id).join('+')),
    });
    expect(value).toBe('a+b');
    expect(told).toEqual(['a done false', 'b done false']);
    expect(wakes).toBe(2);
  });

  it('makes no call for what is as it was asked for', async () => {
    expect(await take(() => settled('there'))).toBe('there');
    expect(executor.made).toEqual([]);
  });

  it('makes its calls outside of any transaction', async () => {
    let open: number | undefined;
    executor.settle = () => {
      open = counted.open;
      return Promise.resolve({ kind: 'done' });
    };
    await take(() => call('a'));
    expect(open).toBe(0);
  });

  it('decides again when its call did not settle the matter', async () => {
    const decisions = [call('a'), call('b'), settled('in the end')];
    const value = await take(() => decisions.shift() ?? settled('too late'), {
      result: () => Promise.resolve(undefined),
    });
    expect(value).toBe('in the end');
    expect(executor.made).toEqual(['a', 'b']);
  });

  it('whose calls never settle the matter ends in doubt', async () => {
    const taken = take(
      () => {
        clock.offsetMs += PATIENCE_MS / 2;
        return call('a');
      },
      { patienceMs: 0, result: () => Promise.resolve(undefined) },
    );
    await expect(taken).rejects.toMatchObject({ code: 'operation_in_doubt', details: { orderId: '1' } });
    expect(executor.made).toHaveLength(2);
  });

  it('ends with what its call was refused for', async () => {
    executor.settle = () => Promise.resolve(REFUSED);
    const taken = take(() => call('a', 'b'), {
      settled: () => {
        throw new ServiceError('provider_rejected', 'no');
      },
    });
    await expect(taken).rejects.toMatchObject({ code: 'provider_rejected' });
    expect(executor.made).toEqual(['a']);
  });

  describe('on a subject that others want', () => {
    it('comes in the order of arrival, one at a time and in one transaction', async () => {
      const order: number[] = [];
      const values = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          take(async () => {
            await new Promise(setImmediate);
            order.push(index);
            return settled(String(index));
          }),
        ),
      );
      expect(order).toEqual(values.map(Number));
      expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index));
      expect(counted.most).toBe(1);
    });

    it('does not wait for those of another subject', async () => {
      const { opened, open } = gate<Next<string>>();
      const first = take(() => opened);
      expect(await take(() => settled('other'), { subject: 'order:2' })).toBe('other');
      open(settled('first'));
      expect(await first).toBe('first');
    });

    it('waits in the line no longer than its patience, and the others go on', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate'] });
      const { opened, open } = gate<Next<string>>();
      const first = take(() => opened);
      const second = take(() => settled('second'), { patienceMs: 6_000 });
      const third = take(() => settled('third'));
      const refused = expect(second).rejects.toMatchObject({
        code: 'operation_in_doubt',
        details: { orderId: '1' },
      });
      jest.advanceTimersByTime(6_000);
      await refused;
      open(settled('first'));
      expect(await Promise.all([first, third])).toEqual(['first', 'third']);
    });

    it('waits 5 s for its place, though it would not wait for a call', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate'] });
      const { opened, open } = gate<Next<string>>();
      const first = take(() => opened);
      const served = take(() => settled('served'), { patienceMs: 0 });
      jest.advanceTimersByTime(4_999);
      open(settled('first'));
      expect(await Promise.all([first, served])).toEqual(['first', 'served']);
      const { opened: never, open: end } = gate<Next<string>>();
      const slow = take(() => never);
      const late = take(() => settled('late'), { patienceMs: 0 });
      const refused = expect(late).rejects.toMatchObject({ code: 'operation_in_doubt' });
      jest.advanceTimersByTime(5_000);
      await refused;
      end(settled('slow'));
      expect(await slow).toBe('slow');
    });

    it('is free again after whatever is thrown', async () => {
      const fault = new Error('a bug');
      const failing = take(() => Promise.reject(fault));
      const next = take(() => call('a'), {
        settled: () => {
          throw fault;
        },
      });
      const last = take(() => settled('last'));
      await expect(failing).rejects.toBe(fault);
      await expect(next).rejects.toBe(fault);
      expect(await last).toBe('last');
    });

    it('is free again, and the relay is woken, when its call dies', async () => {
      executor.settle = () => Promise.reject(new Error('the database is away'));
      await expect(take(() => call('a'))).rejects.toThrow('the database is away');
      expect(wakes).toBe(1);
      expect(await take(() => settled('next'))).toBe('next');
    });
  });

  describe('on a subject for which somebody makes a call', () => {
    it('is asked for by one of those who wait, and by none of them in a transaction', async () => {
      let isBusy = true;
      let looks = 0;
      const all = Array.from({ length: 50 }, () =>
        take(() => {
          looks += 1;
          return isBusy ? BUSY : settled('free');
        }),
      );
      for (const expected of [1, 2, 3]) {
        await quiet();
        expect({ looks, sleepers: clock.sleepers.length, open: counted.open }).toEqual({
          looks: expected,
          sleepers: 1,
          open: 0,
        });
        clock.wake();
      }
      await quiet();
      isBusy = false;
      clock.wake();
      expect(new Set(await Promise.all(all))).toEqual(new Set(['free']));
      expect(looks).toBe(4 + 50);
    });

    it('goes on at once when a call of this process ends', async () => {
      const { opened, open } = gate<Settlement>();
      executor.settle = () => opened;
      const first = take(() => call('a'));
      await quiet();
      const looks = [BUSY, settled('second')];
      const second = take(() => looks.shift() ?? BUSY);
      await quiet();
      expect(looks).toHaveLength(1);
      open({ kind: 'done' });
      expect(await Promise.all([first, second])).toEqual(['made', 'second']);
      clock.wake();
    });

    it('waits no longer than its patience, and says what it waited for', async () => {
      const taken = take(() => {
        clock.offsetMs += 6_000;
        return BUSY;
      });
      await quiet();
      clock.wake();
      await expect(taken).rejects.toMatchObject({
        code: 'operation_in_doubt',
        message: 'another request for this order has not ended yet',
        details: { orderId: '1', paymentId: 'p-1' },
      });
    });

    it('is refused at once without patience', async () => {
      await expect(take(() => BUSY, { patienceMs: 0 })).rejects.toMatchObject({
        code: 'operation_in_doubt',
      });
      expect(clock.sleepers).toHaveLength(0);
    });
  });

  describe('on a subject that another caller left behind', () => {
    const leftBehind = () => turn.leftBehind(Object.create(null), 'subject');

    it('makes that call first, and then decides: to be refused is no answer to it', async () => {
      executor.settle = () => Promise.resolve(REFUSED);
      const told: string[] = [];
      const decisions: Next<string>[] = [{ kind: 'earlier', operation: operation('left') }];
      const value = await take(() => decisions.shift() ?? settled('as asked'), {
        settled: ({ id }, { kind }, isEarlier) => void told.push(`${id} ${kind} ${isEarlier}`),
      });
      expect(value).toBe('as asked');
      expect(told).toEqual(['left refused true']);
    });

    it('finds nothing, what it may go on with, or somebody at work', async () => {
      expect(await leftBehind()).toBeUndefined();
      store.left = operation('left');
      expect(await leftBehind()).toEqual({ kind: 'earlier', operation: store.left });
      store.isFree = false;
      expect(await leftBehind()).toEqual({ kind: 'busy' });
    });

    it('takes nothing over whose end nobody waits for', async () => {
      store.left = operation('left');
      const refusal = new ServiceError('order_payment_pending', 'it is being paid');
      const found = turn.leftBehind(Object.create(null), 'subject', () => {
        throw refusal;
      });
      await expect(found).rejects.toBe(refusal);
    });
  });
});
