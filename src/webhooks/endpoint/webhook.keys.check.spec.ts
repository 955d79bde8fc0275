import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { EndpointBed } from '../../../test/support/domain/endpoint.bed.js';
import {
  type FakeEndpointOptions,
  FakeEndpointProvider,
} from '../../../test/support/domain/fake.endpoint.provider.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';

describe('the check for webhook keys at the start', () => {
  let home: MigratedDatabase;
  let database: MigratedDatabase['database'];
  let bed: EndpointBed;
  let provider: FakeEndpointProvider;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    home = await migratedDatabase();
    database = home.database;
  });
  afterAll(() => home.drop());
  const start = async (options: FakeEndpointOptions = {}): Promise<void> => {
    provider = new FakeEndpointProvider(options);
    bed = await EndpointBed.fresh(database, provider);
  };
  beforeEach(() => start());

  const faults = { faults: [expect.stringContaining('the webhook key of fake is missing')] };

  it('fails while nothing can be verified, and no longer once an endpoint is registered', async () => {
    await expect(bed.check.onModuleInit()).rejects.toMatchObject(faults);
    await bed.register();
    await bed.check.onModuleInit();
    await bed.endpoints.delete((await bed.register()).id, 'ops');
    await expect(bed.check.onModuleInit()).rejects.toMatchObject(faults);
  });

  it('passes with a key in the environment', async () => {
    await start({ environmentKeys: ['whsec_of_the_environment'] });
    await bed.check.onModuleInit();
  });

  it('does not count a key that cannot be opened', async () => {
    await bed.register();
    await expect(new EndpointBed(database, provider).check.onModuleInit()).rejects.toMatchObject(faults);
  });

  it('does not count a key of the other mode', async () => {
    await bed.register();
    await database.db.execute(sql`update webhook_endpoints set livemode = true`);
    await expect(bed.check.onModuleInit()).rejects.toMatchObject(faults);
  });

  it('warns and goes on while the database cannot be asked', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn');
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    jest.spyOn(bed.reader, 'usable').mockRejectedValue(away);
    await bed.check.onModuleInit();
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('ECONNREFUSED'));
    warned.mockRestore();
  });

  it('does not take a fault of ours for an outage', async () => {
    jest.spyOn(bed.reader, 'usable').mockRejectedValue(new TypeError('a bug'));
    await expect(bed.check.onModuleInit()).rejects.toThrow('a bug');
  });
});
