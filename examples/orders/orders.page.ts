import type { Order } from './order.js';

/** A plain list of orders, newest first. */
export function ordersPage(orders: readonly Order[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Orders</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% }
  th, td { border-bottom: 1px solid #ddd; padding: .4rem .6rem; text-align: left }
</style>
<h1>Orders</h1>
${orders.length === 0 ? '<p>None yet: POST one to /orders.</p>' : tableOf(orders)}
</html>
`;
}

function tableOf(orders: readonly Order[]): string {
  return `<table>
<tr><th>Order</th><th>Items</th><th>Total</th><th>Status</th><th>Legacy events</th><th>Durable events</th></tr>
${orders.map(rowOf).join('\n')}
</table>`;
}

function rowOf(order: Order): string {
  const items = order.OrderItem.map((item) => `${item.quantity} × ${item.name}`).join(', ');
  const cells = [
    items,
    `${order.totalAmount} ${order.currency.toUpperCase()}`,
    order.status,
    String(order.legacyEvents),
    `${order.durableEvents} (${order.duplicatesIgnored} ignored)`,
  ];
  const link = `<a href="/orders/${order.id}">${order.id}</a>`;
  return `<tr><td>${link}</td>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
