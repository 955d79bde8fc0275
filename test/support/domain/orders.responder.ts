import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';

export interface OrderLine {
  name: string;
  price: number;
  quantity: number;
}

/** An orders service that answers one question: what is in this order? Its total is wrong, as the real one's is. */
export class OrdersResponder {
  /** True: it listens and never answers. */
  silent = false;
  private readonly orders = new Map<string, readonly OrderLine[]>();

  private constructor(private readonly connection: NatsConnection) {}

  static async start(url: string): Promise<OrdersResponder> {
    const responder = new OrdersResponder(await connect({ servers: url }));
    responder.connection.subscribe('findOneOrder', {
      callback: (_error, message) => responder.answer(message),
    });
    await responder.connection.flush();
    return responder;
  }

  /** @returns the order's id: a new one, or that of an order that has other lines from now on. */
  sells(lines: readonly OrderLine[], id: string = randomUUID()): string {
    this.orders.set(id, lines);
    return id;
  }

  async stop(): Promise<void> {
    await this.connection.close();
  }

  private answer(message: Msg): void {
    if (this.silent) return;
    const { data, id } = message.json<{ data: { id: string }; id: string }>();
    const lines = this.orders.get(data.id);
    const answer =
      lines === undefined
        ? { err: { status: 404, message: `Order with id ${data.id} not found` } }
        : { response: { id: data.id, OrderItem: lines, totalAmount: 0.01, status: 'PENDING', paid: false } };
    message.respond(JSON.stringify({ ...answer, isDisposed: true, id }));
  }
}
