import { describe, expect, it } from '@jest/globals';
import { within } from './clock.js';

describe('a time limit', () => {
  it('gives what the work gives', async () => {
    await expect(within(1_000, Promise.resolve('done'))).resolves.toBe('done');
  });

  it('fails as the work fails', async () => {
    await expect(within(1_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('ends the wait for work that never ends', async () => {
    await expect(within(5, new Promise(() => undefined))).rejects.toThrow('no answer within 5 ms');
  });
});
