import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNatsServer, type NatsServer } from 'payments-sandbox/servers/nats.server.js';
import { BillingClient } from './billing.client.js';
import { type DemoProgram, demoPrograms } from './demo.programs.js';
import { startNode, type NodeProcess } from './node.process.js';
import { OrdersClient } from './orders.client.js';
import { PaymentsClient } from './payments.client.js';
import { ProviderClient } from './provider.client.js';
import { StreamClient } from './stream.client.js';
import { duration, type Terminal } from './terminal.js';
import { until } from './until.js';

/** The four programs and the ways to talk to them. */
export interface Cast {
  readonly nats: NatsServer;
  readonly stripe: ProviderClient;
  readonly conekta: ProviderClient;
  readonly payments: PaymentsClient;
  readonly billing: BillingClient;
  readonly orders: OrdersClient;
  readonly stream: StreamClient;
}

/** Starts everything on free loopback ports, and ends and removes it all again. */
export class DemoHouse {
  private readonly children: NodeProcess[] = [];
  private nats: NatsServer | undefined;
  private folder: string | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly terminal: Terminal) {}

  /**
   * @throws Error of one line where nats-server is missing and may not be installed
   * @throws DemoFailure when a program does not start, with the end of its log
   */
  async open(): Promise<Cast> {
    this.folder = await mkdtemp(join(tmpdir(), 'payments-demo-'));
    const begin = performance.now();
    const say = (line: string): void => this.terminal.line(`  ${line}`);
    const nats = await this.terminal.during('starting nats-server', () => startNatsServer({ say }));
    this.nats = nats;
    this.tell('nats-server with JetStream', nats.url, begin);
    const { all, urls } = await demoPrograms(this.folder, nats.url);
    // Together, since each one spends its time loading.
    await this.terminal.during('starting three programs', () =>
      Promise.all(all.map((program) => this.start(program))),
    );
    const stream = new StreamClient(nats.url);
    await this.terminal.during('the orders service subscribes to the stream', () =>
      until({
        what: 'the durable consumer of the orders service',
        read: () => stream.undelivered('orders'),
        holds: (count) => count === 0,
      }),
    );
    return {
      nats,
      stream,
      stripe: new ProviderClient('Stripe', urls.stripe),
      conekta: new ProviderClient('Conekta', urls.conekta),
      payments: new PaymentsClient(urls.payments),
      billing: new BillingClient(urls.payments),
      orders: new OrdersClient(urls.orders),
    };
  }

  /** The last lines of every program. */
  logs(lines: number): string {
    return this.children.map((child) => `--- ${child.name}\n${child.tail(lines)}`).join('\n\n');
  }

  /** Ends every program and removes what they wrote. Harmless when called again. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async start(program: DemoProgram): Promise<void> {
    const begin = performance.now();
    const env = { ...program.env, ...(await program.lateEnv?.()) };
    this.children.push(await startNode({ ...program, env }));
    for (const { title, url } of program.serves) this.tell(title, url, begin);
  }

  private tell(title: string, url: string, begin: number): void {
    this.terminal.done(duration(performance.now() - begin), { text: `${title.padEnd(33)}${url}` });
  }

  private async end(): Promise<void> {
    await Promise.allSettled(this.children.map((child) => child.stop()));
    await this.nats?.stop();
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }
}
