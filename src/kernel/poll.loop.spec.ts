import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../test/support/outbox/until.js';
import { PollLoop } from './poll.loop.js';

const FOR_EVER_MS = 3_600_000;

describe('a poll loop', () => {
  let loop: PollLoop | undefined;
  afterEach(() => loop?.stop());

  const start = (
    work: () => Promise<number>,
    options: { idleMs?: number; failureMs?: number; onError?: (error: unknown) => void } = {},
  ) => {
    loop = new PollLoop(work, {
      idleMs: FOR_EVER_MS,
      failureMs: FOR_EVER_MS,
      onError: () => undefined,
      ...options,
    });
    loop.start();
    return loop;
  };

  it('goes on at once while there is work, and then rests', async () => {
    let left = 5;
    const work = jest.fn(async () => (left -= 1));
    start(work);
    await until(() => work.mock.calls.length === 5);
    await new Promise(setImmediate);
    expect(work).toHaveBeenCalledTimes(5);
  });

  it('looks again after the idle time without being woken', async () => {
    const work = jest.fn(async () => 0);
    start(work, { idleMs: 1 });
    await until(() => work.mock.calls.length > 3);
  });

  it('works at once when it is woken at rest', async () => {
    const work = jest.fn(async () => 0);
    const running = start(work);
    await until(() => work.mock.calls.length === 1);
    await new Promise(setImmediate);
    running.wake();
    await until(() => work.mock.calls.length === 2);
  });

  it('does not miss a wake that comes while it works', async () => {
    let finish: () => void = () => undefined;
    const work = jest.fn(() => new Promise<number>((resolve) => (finish = () => resolve(0))));
    const running = start(work);
    await until(() => work.mock.calls.length === 1);
    running.wake();
    finish();
    await until(() => work.mock.calls.length === 2);
    finish();
  });

  it('reports a failure, waits it out and goes on', async () => {
    const onError = jest.fn();
    let calls = 0;
    start(
      async () => {
        calls += 1;
        if (calls < 3) throw new Error(`failure ${calls}`);
        return 0;
      },
      { failureMs: 1, onError },
    );
    await until(() => calls === 3);
    expect(onError.mock.calls).toEqual([[new Error('failure 1')], [new Error('failure 2')]]);
  });

  it('ends only after the work under way has ended, and starts nothing more', async () => {
    let finish: () => void = () => undefined;
    const work = jest.fn(() => new Promise<number>((resolve) => (finish = () => resolve(1))));
    const running = start(work);
    await until(() => work.mock.calls.length === 1);
    let stopped = false;
    const stopping = running.stop().then(() => (stopped = true));
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    finish();
    await stopping;
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('ends at once when it rests', async () => {
    const work = jest.fn(async () => 0);
    const running = start(work);
    await until(() => work.mock.calls.length === 1);
    await running.stop();
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('that was never started can be stopped, and one that is started twice runs once', async () => {
    await new PollLoop(async () => 0, { idleMs: 1, failureMs: 1, onError: () => undefined }).stop();
    let atOnce = 0;
    let most = 0;
    let rounds = 0;
    const running = start(
      async () => {
        most = Math.max(most, (atOnce += 1));
        await new Promise(setImmediate);
        atOnce -= 1;
        rounds += 1;
        return 0;
      },
      { idleMs: 1 },
    );
    running.start();
    await until(() => rounds > 3);
    expect(most).toBe(1);
  });
});
