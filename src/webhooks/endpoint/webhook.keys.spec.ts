import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EndpointBed } from '../../../test/support/domain/endpoint.bed.js';
import { fakeDelivery, FakeEndpointProvider } from '../../../test/support/domain/fake.endpoint.provider.js';
import { Database } from '../../database/database.js';

/** Never connected to: what it would answer is said by each test. */
const database = Database.open({
  url: 'postgres://nobody@127.0.0.1:1/none',
  onError: () => undefined,
});
const OWN = 'whsec_of_the_environment';

describe('the verification of a webhook', () => {
  let bed: EndpointBed;
  let provider: FakeEndpointProvider;
  let looks: jest.SpiedFunction<EndpointBed['reader']['usable']>;
  /** What the database holds, or how it fails. */
  let read: () => Promise<string[]>;

  beforeEach(() => {
    provider = new FakeEndpointProvider({ environmentKeys: [OWN] });
    bed = new EndpointBed(database, provider);
    stored('one');
    looks = jest
      .spyOn(bed.reader, 'usable')
      .mockImplementation(async () => (await read()).map((value) => ({ value, livemode: false })));
  });

  const stored = (...keys: string[]): void => {
    read = () => Promise.resolve(keys);
  };
  const outage = new Error('Connection terminated unexpectedly');
  const failing = (): void => {
    read = () => Promise.reject(outage);
  };
  const verify = (key: string) => bed.keys.verify(provider, fakeDelivery(key));
  const taken = (key: string) => expect(verify(key)).resolves.toMatchObject({ provider: 'fake' });
  const refused = (key: string) =>
    expect(verify(key)).rejects.toMatchObject({ code: 'signature_invalid', status: 400 });

  it('takes the keys of the environment and those of registered endpoints', async () => {
    await taken(OWN);
    await taken('one');
    await refused('two');
  });

  it('looks at the database once in ten seconds', async () => {
    for (let second = 0; second < 30; second += 1) {
      await taken('one');
      await bed.clock.sleep(1_000);
    }
    expect(looks).toHaveBeenCalledTimes(3);
  });

  it('looks once for all who ask at the same moment', async () => {
    await Promise.all(Array.from({ length: 50 }, () => taken('one')));
    expect(looks).toHaveBeenCalledTimes(1);
  });

  it('takes a key that another process registered, as soon as something is signed with it', async () => {
    await taken('one');
    stored('one', 'two');
    await bed.clock.sleep(1_001);
    await taken('two');
    expect(looks).toHaveBeenCalledTimes(2);
  });

  it('refuses a key that another process ended after ten seconds', async () => {
    await taken('one');
    stored();
    await bed.clock.sleep(9_000);
    await taken('one');
    await bed.clock.sleep(1_001);
    await refused('one');
  });

  it('forgets at once what this process changed, also when somebody is looking just then', async () => {
    await taken('one');
    let answer: (keys: string[]) => void = () => undefined;
    read = () => new Promise((resolve) => (answer = resolve));
    await bed.clock.sleep(10_001);
    const early = verify('one');
    bed.keys.forget('fake');
    stored();
    answer(['one']);
    await expect(early).resolves.toBeDefined();
    await refused('one');
  });

  it('costs one look and one more verification a second, however many bad signatures come', async () => {
    await taken('one');
    looks.mockClear();
    const verifications = jest.spyOn(provider, 'verify');
    for (let second = 0; second < 5; second += 1) {
      await bed.clock.sleep(1_001);
      for (let time = 0; time < 100; time += 1) await refused('bad');
    }
    expect(looks).toHaveBeenCalledTimes(5);
    expect(verifications).toHaveBeenCalledTimes(500);
  });

  it('verifies twice only when the keys have changed', async () => {
    await taken('one');
    stored('one', 'two');
    await bed.clock.sleep(1_001);
    const verifications = jest.spyOn(provider, 'verify');
    await refused('bad');
    expect(verifications).toHaveBeenCalledTimes(2);
  });

  it('goes on with a clock that was set back', async () => {
    await taken('one');
    stored('two');
    await bed.clock.sleep(-3_600_000);
    await taken('two');
  });

  it('passes on what is wrong with a delivery that is signed', async () => {
    jest.spyOn(provider, 'verify').mockImplementation(() => {
      throw new Error('broken');
    });
    await expect(verify('one')).rejects.toThrow('broken');
    expect(looks).toHaveBeenCalledTimes(1);
  });

  describe('without the database', () => {
    it('takes the keys of the environment', async () => {
      failing();
      await taken(OWN);
    });

    it('goes on with the keys that were known', async () => {
      await taken('one');
      failing();
      await bed.clock.sleep(60_000);
      await taken('one');
    });

    it('calls nothing forged that a key which it cannot read may have signed', async () => {
      failing();
      await expect(verify('one')).rejects.toBe(outage);
      stored('one');
      await bed.clock.sleep(1_001);
      await taken('one');
      await refused('two');
    });

    it('asks for it once a second at most, a second after it failed', async () => {
      read = async () => {
        await bed.clock.sleep(4_000);
        throw outage;
      };
      for (let time = 0; time < 50; time += 1) await taken(OWN);
      for (let time = 0; time < 50; time += 1) await expect(verify('bad')).rejects.toBe(outage);
      expect(looks).toHaveBeenCalledTimes(1);
    });
  });
});
