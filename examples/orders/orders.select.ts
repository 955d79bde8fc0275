/** Rows of the `Order` shape; numeric columns leave as JSON numbers, since callers expect `price: 19.99`. */
export const SELECT_ORDERS_SQL = `
  select
    o.id,
    o.status,
    o.status = 'PAID' as paid,
    to_char(o.paid_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "paidAt",
    (select sum(i.price * i.quantity)::float8 from order_items i where i.order_id = o.id) as "totalAmount",
    (select sum(i.quantity)::int from order_items i where i.order_id = o.id) as "totalItems",
    o.stripe_charge_id as "stripeChargeId",
    (
      select json_agg(
        json_build_object('productId', product_id, 'name', name, 'price', price, 'quantity', quantity)
        order by position
      )
      from order_items where order_id = o.id
    ) as "OrderItem",
    o.currency,
    (
      select coalesce(json_agg(json_build_object('kind', kind, 'receiptUrl', receipt_url) order by kind), '[]')
      from order_receipts where order_id = o.id
    ) as receipts,
    (
      select coalesce(
        json_agg(json_build_object('paymentId', payment_id, 'status', status, 'version', version)
                 order by payment_id),
        '[]'
      )
      from order_payments where order_id = o.id
    ) as payments,
    (
      select coalesce(json_agg(json_build_object('refundId', refund_id, 'amount', amount) order by refund_id), '[]')
      from order_refunds where order_id = o.id
    ) as refunds,
    o.paid_by_event as "paidByEvent",
    o.legacy_events as "legacyEvents",
    o.durable_events as "durableEvents",
    o.duplicates_ignored as "duplicatesIgnored"
  from orders o`;
