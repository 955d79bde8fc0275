import { connect, type Msg, type NatsConnection, nuid, StringCodec } from 'nats';

const text = StringCodec();

export interface LegacyEvent {
  readonly pattern: string;
  readonly data: { readonly stripePaymentId: string; readonly orderId: string; readonly receiptUrl: string };
}

export interface LegacyOrdersOptions {
  /** Answer `findOneOrder` by what was received. Default true. */
  readonly answersFind?: boolean;
}

/** An orders service as the architecture has it: the older client, Nest's bytes, core NATS. */
export class LegacyOrders {
  /** Every `payment.succeeded` that arrived, as it was on the wire. */
  readonly messages: string[] = [];
  /** How often each order was asked for. */
  readonly lookups: string[] = [];

  private constructor(private readonly connection: NatsConnection) {}

  static async start(natsUrl: string, options: LegacyOrdersOptions = {}): Promise<LegacyOrders> {
    const connection = await connect({
      servers: natsUrl,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      reconnectJitter: 0,
    });
    const orders = new LegacyOrders(connection);
    connection.subscribe('payment.succeeded', {
      callback: (_error, message) => orders.messages.push(text.decode(message.data)),
    });
    if (options.answersFind ?? true) {
      connection.subscribe('findOneOrder', { callback: (_error, message) => orders.answer(message) });
    }
    await connection.flush();
    return orders;
  }

  get events(): LegacyEvent[] {
    return this.messages.map((message): LegacyEvent => JSON.parse(message));
  }

  of(orderId: string): LegacyEvent[] {
    return this.events.filter(({ data }) => data.orderId === orderId);
  }

  /** As `client.send(pattern, data)` of a Nest service does. @returns the reply's own bytes, parsed */
  async send(pattern: string, data: unknown): Promise<{ response?: unknown; err?: unknown }> {
    const subject = pattern;
    const packet = JSON.stringify({ pattern, data, id: nuid.next() });
    const reply = await this.connection.request(subject, text.encode(packet), { timeout: 20_000 });
    return JSON.parse(text.decode(reply.data));
  }

  /** Sends one request and counts the replies until the broker has handled all that came before. */
  async sendRaw(subject: string, packet: string): Promise<{ replies: string[] }> {
    const replies: string[] = [];
    const inbox = `_INBOX.${nuid.next()}`;
    this.connection.subscribe(inbox, {
      callback: (_error, message) => replies.push(text.decode(message.data)),
    });
    this.connection.publish(subject, text.encode(packet), { reply: inbox });
    await this.connection.flush();
    return { replies };
  }

  stop(): Promise<void> {
    return this.connection.close();
  }

  private answer(message: Msg): void {
    const { id, data }: { id: string; data: { id: string } } = JSON.parse(text.decode(message.data));
    this.lookups.push(data.id);
    const paid = this.of(data.id).length > 0;
    const response = { id: data.id, paid, status: paid ? 'PAID' : 'PENDING', OrderItem: [] };
    message.respond(text.encode(JSON.stringify({ id, response, isDisposed: true })));
  }
}
