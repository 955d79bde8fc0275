import { generateKeyPairSync } from 'node:crypto';
import { type Json, jsonOf } from '../../../src/providers/json.read.js';
import { ConektaProvider } from '../../../src/providers/conekta/conekta.provider.js';
import { type ConektaSandbox, startConektaSandbox } from '../../../sandbox/conekta/conekta.sandbox.js';
import { AdapterDriver } from './adapter.driver.js';
import { BillingDriver } from './billing.driver.js';
import type { ObjectSchemas } from './event.faults.js';
import { RecordingProxy } from './recording.proxy.js';

const MEDIA_TYPE = 'application/vnd.conekta-v2.3.0+json';

/** Made once: another one for each stand-in would take longer than all the rest. */
const SIGNING_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export const CONEKTA_SCHEMAS: ObjectSchemas = {
  event: 'event_response',
  order: 'order_response',
  charge: 'charge_response',
  customer: 'customer_response',
  webhook: 'webhook_response',
  chargeback: 'chargeback_response',
  payment_source: 'customer_payment_methods_data',
  plan: 'plan_response',
  subscription: 'subscription_response_1',
};

const CARD = { number: '4242424242424242', name: 'Ada Lovelace' };

/** Our adapter and a plain caller before a stand-in Conekta, with everything recorded that they say. */
export class ConektaStage {
  readonly adapter: AdapterDriver;
  readonly billing: BillingDriver;

  private constructor(
    readonly sandbox: ConektaSandbox,
    readonly proxy: RecordingProxy,
  ) {
    const provider = newConektaProvider(proxy.url, sandbox.privateKey);
    this.adapter = new AdapterDriver(provider);
    this.billing = new BillingDriver(provider, () => Promise.resolve(this.token()));
  }

  static async start(): Promise<ConektaStage> {
    const sandbox = await startConektaSandbox({ webhookKey: SIGNING_KEY });
    return new ConektaStage(sandbox, await RecordingProxy.start(sandbox.url));
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    await this.sandbox.close();
  }

  /** For one use, as the component makes it of a card. */
  token(number = CARD.number): string {
    return this.sandbox.acts.createToken({ ...CARD, number }).id;
  }

  /** The answer's body, whatever its status. */
  async call(method: Method, path: string, body?: Json, language: 'es' | 'en' = 'es'): Promise<Json> {
    const answer = await fetch(`${this.proxy.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.sandbox.privateKey}`,
        accept: MEDIA_TYPE,
        'accept-language': language,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return jsonOf(await answer.json());
  }

  /** Two keyboards at 199.00 MXN for Ada, with changes. */
  order(changes: Json = {}): Promise<Json> {
    return this.call('POST', '/orders', {
      currency: 'MXN',
      customer_info: { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+525512345678' },
      line_items: [{ name: 'Keyboard', unit_price: 19_900, quantity: 2 }],
      metadata: { channel: 'web' },
      ...changes,
    });
  }

  /** The id of an answer. @throws Error with the answer when it has none, such as a refusal. */
  idOf(answer: Json): string {
    if (typeof answer.id !== 'string') throw new Error(`no id in ${JSON.stringify(answer)}`);
    return answer.id;
  }
}

export function newConektaProvider(apiBase: string, privateKey: string): ConektaProvider {
  return new ConektaProvider({
    privateKey,
    publicKey: 'key_public_sandbox',
    livemode: false,
    webhookKeys: [],
    apiBase,
  });
}
