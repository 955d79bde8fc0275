import { EVENT_INBOX_TABLE_SQL } from 'payments-client';

/** `order_receipts` is one to one with its order for each listener: the legacy one throws on a second. */
export const ORDERS_SCHEMA_SQL = `
  create table if not exists orders (
    id uuid primary key default gen_random_uuid(),
    currency text not null,
    status text not null default 'PENDING' check (status in ('PENDING', 'PAID')),
    paid_at timestamptz,
    stripe_charge_id text,
    paid_by_event text,
    legacy_events integer not null default 0,
    durable_events integer not null default 0,
    duplicates_ignored integer not null default 0,
    created_at timestamptz not null default now()
  );

  create table if not exists order_items (
    order_id uuid not null references orders,
    position integer not null,
    product_id text not null,
    name text not null,
    price numeric not null,
    quantity integer not null,
    primary key (order_id, position)
  );

  create table if not exists order_receipts (
    order_id uuid not null references orders,
    kind text not null check (kind in ('legacy', 'durable')),
    receipt_url text not null,
    unique (order_id, kind)
  );

  create table if not exists order_payments (
    payment_id text primary key,
    order_id uuid not null references orders,
    status text not null,
    version integer not null
  );

  create table if not exists order_refunds (
    refund_id text primary key,
    order_id uuid not null references orders,
    amount bigint not null
  );

  ${EVENT_INBOX_TABLE_SQL};
`;
