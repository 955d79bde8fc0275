import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../sandbox/servers/free-port.js';
import { SECRET } from './events.js';
import { type Program, ROOT, type Stage } from './stage.js';

const CONEKTA_KEY = 'key_bench_private';

/** The stand-ins, in a process of their own. They send no webhooks: the bench does, when it wants to. */
export interface StandIn {
  readonly program: Program;
  readonly stripeUrl: string;
  readonly conektaUrl: string;
  /** Signs what Conekta sends. */
  readonly conektaKey: KeyObject;
  /** What the service has to be told of them. */
  readonly env: Record<string, string>;
}

export async function startStandIn(stage: Stage): Promise<StandIn> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyFile = join(stage.folder, 'conekta.pem');
  await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const [stripePort, conektaPort] = [await freePort(), await freePort()];
  const [stripeUrl, conektaUrl] = [`http://127.0.0.1:${stripePort}`, `http://127.0.0.1:${conektaPort}`];
  const args = ['--port', String(stripePort), '--conekta-port', String(conektaPort)];
  args.push('--webhook-secret', SECRET, '--conekta-webhook-key', keyFile);
  args.push('--conekta-private-key', CONEKTA_KEY, '--receipt-base', 'https://receipts.example.com');
  const program = await stage.start(
    join(ROOT, 'sandbox/dist/main.js'),
    {},
    `${stripeUrl}/_sandbox/health`,
    args,
  );
  for (const url of [stripeUrl, conektaUrl]) await control(url, 'delivery', { drop: { all: true } });
  return {
    program,
    stripeUrl,
    conektaUrl,
    conektaKey: privateKey,
    env: {
      STRIPE_API_BASE: stripeUrl,
      CONEKTA_API_BASE: conektaUrl,
      CONEKTA_PRIVATE_KEY: CONEKTA_KEY,
      CONEKTA_WEBHOOK_PUBLIC_KEYS: String(publicKey.export({ type: 'spki', format: 'pem' })),
      CONEKTA_LIVEMODE: 'false',
    },
  };
}

/** One of their own controls. */
export async function control<Answer>(url: string, path: string, input?: object): Promise<Answer> {
  const response = await fetch(`${url}/_sandbox/${path}`, {
    method: input === undefined ? 'GET' : 'POST',
    ...(input !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  const answer: Answer = JSON.parse(await response.text());
  return answer;
}
