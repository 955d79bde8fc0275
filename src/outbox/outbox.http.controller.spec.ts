import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { AppBed } from '../../test/support/domain/app.bed.js';
import { post } from '../../test/support/domain/http.call.js';

let bed: AppBed;
beforeAll(async () => {
  const hash = createHash('sha256').update('key-of-ops').digest('hex');
  bed = await AppBed.start({ API_KEYS: `ops:operator:${hash}` });
}, 60_000);
afterAll(() => bed?.stop());

const republish = (body: object) =>
  post(`${bed.url}/outbox/republish`, JSON.stringify(body), {
    'content-type': 'application/json',
    authorization: 'Bearer key-of-ops',
  });
const audited = () => bed.rows('select actor, action, detail from operator_actions order by id');

it('T25h keeps who had messages sent again, and which, with the messages themselves', async () => {
  const ids = [randomUUID()];
  expect(await republish({ ids })).toMatchObject({ status: 200, body: { messages: 0 } });
  const span = { from: '2026-01-01T00:00:00Z', to: '2026-01-02' };
  expect(await republish(span)).toMatchObject({ status: 200 });
  const row = { actor: 'ops', action: 'messages.republish' };
  expect(await audited()).toEqual([
    { ...row, detail: { ids, messages: 0 } },
    { ...row, detail: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', messages: 0 } },
  ]);
  // What cannot be kept is not done.
  await bed.rows('alter table operator_actions rename to moved');
  expect((await republish({ ids })).status).toBe(500);
  await bed.rows('alter table moved rename to operator_actions');
});
