import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../servers/free-port.js';
import { startNatsServer, type NatsServer } from '../servers/nats.server.js';
import { startNode, type NodeProcess, type NodeProgram } from './node.process.js';
import { OrdersClient } from './orders.client.js';
import { PaymentsClient } from './payments.client.js';
import { ProviderClient } from './provider.client.js';
import type { Terminal } from './terminal.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SECRET_KEY = 'sk_test_demo';
const WEBHOOK_SECRET = 'whsec_demo_of_this_machine';

/** The four programs and the ways to talk to them. */
export interface House {
  readonly nats: NatsServer;
  readonly provider: ProviderClient;
  readonly payments: PaymentsClient;
  readonly orders: OrdersClient;
}

/** Starts everything on free loopback ports and ends it all again. */
export class DemoHouse {
  private nats: NatsServer | undefined;
  private readonly children: NodeProcess[] = [];
  private folder: string | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly terminal: Terminal) {}

  /** @throws Error of one line where nats-server is missing and may not be installed */
  async open(): Promise<House> {
    this.folder = await mkdtemp(join(tmpdir(), 'payments-demo-'));
    const nats = await this.terminal.step(
      'starting nats-server',
      () => startNatsServer({ say: (line) => this.terminal.line(`\n  ${line}`) }),
      ({ url }) => ({ text: `${'nats-server, with JetStream'.padEnd(34)} ${url}` }),
    );
    this.nats = nats;
    const programs = await describePrograms(this.folder, nats.url);
    // Together, since each spends most of its time loading; told in one order.
    const starting = programs.map((program) => this.start(program));
    await Promise.allSettled(starting.map((one) => one.started));
    for (const { program, started, begun } of starting) {
      const told = { text: `${program.title.padEnd(34)} ${program.url}` };
      await this.terminal.step(`starting the ${program.name}`, () => started, () => told, begun);
    }
    const [provider, payments, orders] = programs;
    return {
      nats,
      provider: new ProviderClient(provider.url),
      payments: new PaymentsClient(payments.url),
      orders: new OrdersClient(orders.url),
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

  private async end(): Promise<void> {
    await Promise.allSettled(this.children.map((child) => child.stop()));
    await this.nats?.stop();
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }
}
