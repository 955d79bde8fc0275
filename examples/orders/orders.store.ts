import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { MoneyEvent, RefundEvent } from 'payments-client';
import pg from 'pg';
import type { Order } from './order.js';
import type { CreateOrderDto } from './orders.dto.js';
import { ORDERS_SCHEMA_SQL } from './orders.schema.js';
import { SELECT_ORDERS_SQL } from './orders.select.js';
import { ORDERS_SETTINGS, type OrdersSettings } from './orders.settings.js';

export type Transaction = pg.PoolClient;

/** The orders in Postgres, in a database of their own. */
@Injectable()
export class OrdersStore implements OnModuleInit, OnApplicationShutdown {
  private readonly database: pg.Pool;

  constructor(@Inject(ORDERS_SETTINGS) settings: OrdersSettings) {
    this.database = new pg.Pool({ connectionString: settings.databaseUrl, max: 5 });
    // An idle connection that is lost is replaced when one is needed.
    this.database.on('error', () => undefined);
  }

  async onModuleInit(): Promise<void> {
    await this.database.query(ORDERS_SCHEMA_SQL);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.end();
  }

  transaction = async <Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> => {
    const client = await this.database.connect();
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  };

  /** Gives the new order's id. */
  create(order: CreateOrderDto): Promise<string> {
    return this.transaction(async (tx) => {
      const id = randomUUID();
      await tx.query('insert into orders (id, currency) values ($1, $2)', [id, order.currency]);
      for (const [position, item] of order.items.entries()) {
        await tx.query(
          `insert into order_items (order_id, position, product_id, name, price, quantity)
           values ($1, $2, coalesce($3, gen_random_uuid()::text), $4, $5, $6)`,
          [id, position, item.productId, item.name, item.price, item.quantity],
        );
      }
      return id;
    });
  }

  async findOne(id: string): Promise<Order | undefined> {
    const found = await this.database.query<Order>(`${SELECT_ORDERS_SQL} where o.id::text = $1`, [id]);
    return found.rows[0];
  }

  /** Newest first, at most 100. */
  async findLatest(): Promise<Order[]> {
    const found = await this.database.query<Order>(
      `${SELECT_ORDERS_SQL} order by o.created_at desc limit 100`,
    );
    return found.rows;
  }

  /** Counts something that happened to an order; false when the order is not ours. */
  async count(
    what: 'legacy_events' | 'durable_events' | 'duplicates_ignored',
    orderId: string,
  ): Promise<boolean> {
    const sql = `update orders set ${what} = ${what} + 1 where id::text = $1`;
    const counted = await this.database.query(sql, [orderId]);
    return counted.rowCount === 1;
  }

  /** False when there is no such order. */
  async markPaid(tx: Transaction, orderId: string, stripeChargeId: string | null): Promise<boolean> {
    const marked = await tx.query(
      `update orders set status = 'PAID', paid_at = coalesce(paid_at, now()), stripe_charge_id = $2
       where id::text = $1`,
      [orderId, stripeChargeId],
    );
    return marked.rowCount === 1;
  }

  /** The legacy listener's. @throws on the second one for an order */
  async addReceipt(tx: Transaction, orderId: string, receiptUrl: string): Promise<void> {
    await tx.query(`insert into order_receipts (order_id, kind, receipt_url) values ($1, 'legacy', $2)`, [
      orderId,
      receiptUrl,
    ]);
  }

  /** The durable listener's: the newest counts. */
  async keepReceipt(tx: Transaction, orderId: string, receiptUrl: string): Promise<void> {
    await tx.query(
      `insert into order_receipts (order_id, kind, receipt_url) values ($1, 'durable', $2)
       on conflict (order_id, kind) do update set receipt_url = excluded.receipt_url`,
      [orderId, receiptUrl],
    );
  }

  /** Keeps what the event says of its payment, unless a newer one was kept already. */
  async recordPayment(tx: Transaction, event: MoneyEvent): Promise<void> {
    await tx.query(
      `insert into order_payments as p (payment_id, order_id, status, version) values ($1, $2, $3, $4)
       on conflict (payment_id) do update set status = excluded.status, version = excluded.version
       where p.version < excluded.version`,
      [event.paymentId, event.orderId, event.status, event.version],
    );
  }

  async addRefund(tx: Transaction, orderId: string, { id, amount }: RefundEvent['refund']): Promise<void> {
    await tx.query('insert into order_refunds (refund_id, order_id, amount) values ($1, $2, $3)', [
      id,
      orderId,
      amount,
    ]);
  }

  async recordPaidByEvent(tx: Transaction, orderId: string, eventId: string): Promise<void> {
    await tx.query('update orders set paid_by_event = $2 where id::text = $1', [orderId, eventId]);
  }
}
