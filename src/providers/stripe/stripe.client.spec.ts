import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { StripeClient } from './stripe.client.js';

const PAGE = 100;
const servers: Server[] = [];

/** A Stripe with so many of anything in each list; `endless` says that there are always more. */
async function clientOf(count: number, { endless = false } = {}): Promise<StripeClient> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://stripe.test');
    const from = Number(searchParams.get('starting_after') ?? 0);
    const data = Array.from({ length: Math.min(PAGE, count - from) }, (_, at) => ({
      id: String(from + at + 1),
    }));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ object: 'list', data, has_more: endless || from + data.length < count }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new StripeClient({ secretKey: 'sk_test_1', apiBase: `http://127.0.0.1:${address.port}` });
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe("Stripe's client", () => {
  const LISTS: [string, (client: StripeClient) => Promise<unknown[]>][] = [
    ['the refunds of a charge', (client) => client.refunds('ch_1')],
    ['the disputes of a charge', (client) => client.disputes('ch_1')],
    ['the endpoints', (client) => client.endpoints()],
    ['any list', (client) => client.all('/v1/invoices', { subscription: 'sub_1' })],
  ];

  it.each(LISTS)('T5n reads all pages of %s', async (_, list) => {
    expect(await list(await clientOf(1_234))).toHaveLength(1_234);
  });

  it.each(LISTS)('T5o does not take a part of %s for the whole', async (_, list) => {
    await expect(list(await clientOf(10_001))).rejects.toMatchObject({
      kind: 'unavailable',
      details: { providerCode: 'list_too_long' },
    });
    await expect(list(await clientOf(0, { endless: true }))).rejects.toMatchObject({
      details: { providerCode: 'no_next_page' },
    });
  });
});
