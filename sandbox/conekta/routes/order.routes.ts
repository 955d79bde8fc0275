import type { Charge, Order } from '../conekta.types.js';
import type { ConektaWorld } from '../conekta.world.js';
import { isWithin, listIn } from '../conekta.lists.js';
import { captureOrder, cancelOrder } from '../moves/order.ends.js';
import { chargeOrder, createOrder } from '../moves/order.create.js';
import { cancelRefund, refundOrder } from '../moves/refund.moves.js';
import { charge, chargeUpdate } from '../params/charge.params.js';
import { orderCapture, orderCreate, orderRefund, orderUpdate } from '../params/order.params.js';
import { notFound } from '../conekta.errors.js';
import { bare, withBody } from './api.route.js';

export const orderRoutes = [
  withBody('POST', '/orders', orderCreate, (world, { params, language }) => {
    return createOrder(world, params, language).order;
  }),

  bare('GET', '/orders', (world, { query }) => {
    const orders = [...world.orders.values()].map(({ order }) => order).reverse();
    return world.page(
      orders.filter((order) => isAskedFor(order, query)),
      query,
      `/orders`,
    );
  }),

  bare('GET', '/orders/:id', (world, { id }) => world.order(id).order),

  bare('GET', '/orders/:id/:inner', (world, { id, inner, query }) =>
    listInside(world, world.order(id).order, { path: `/orders/${id}`, inner, query }),
  ),

  withBody('PUT', '/orders/:id', orderUpdate, (world, { id, params }) => {
    const { order } = world.order(id);
    const previous = { metadata: order.metadata };
    order.metadata = { ...order.metadata, ...params.metadata };
    order.updated_at = world.clock.seconds();
    world.log.emit('order.updated', order, previous);
    return order;
  }),

  bare('POST', '/orders/:id/cancel', (world, { id }) => {
    const record = world.order(id);
    cancelOrder(world, record);
    return record.order;
  }),

  withBody('POST', '/orders/:id/capture', orderCapture, (world, { id, params }) => {
    const record = world.order(id);
    captureOrder(world, record, params.amount);
    return record.order;
  }),

  withBody('POST', '/orders/:id/refunds', orderRefund, (world, { id, params }) => {
    const { order } = world.order(id);
    refundOrder(world, order, params.amount);
    return order;
  }),

  bare('DELETE', '/orders/:id/refunds/:inner', (world, { id, inner }) => {
    const { order } = world.order(id);
    cancelRefund(world, order, inner);
    return order;
  }),
];

export const chargeRoutes = [
  withBody('POST', '/orders/:id/charges', charge, (world, { id, params, language }) =>
    chargeOrder(world, world.order(id), [params], language),
  ),

  bare('GET', '/charges', (world, { query }) => {
    const wanted = query.get('search') ?? '';
    const charges = world.charges.filter((one) => wanted === '' || namesOf(one).includes(wanted));
    return world.page(charges, query, `/charges`);
  }),

  bare('GET', '/charges/:id/:inner', (world, { id, inner, query }) =>
    listInside(world, chargeIn(world, id), { path: `/charges/${id}`, inner, query }),
  ),

  withBody('PUT', '/charges/:id', chargeUpdate, (world, { id, params }) => {
    const found = chargeIn(world, id);
    if (params.reference_id !== undefined) found.reference_id = params.reference_id;
    return found;
  }),
];

/** Where the address of the next page leads to, of a list that an object shows. */
function listInside(
  world: ConektaWorld,
  one: Order | Charge,
  { path, inner, query }: { path: string; inner: string; query: URLSearchParams },
): object {
  const items = listIn(one, inner, world.pages);
  if (items === undefined) throw notFound('address', `${path}/${inner}`);
  return world.page(items, query, `${path}/${inner}`);
}

/** Conekta searches by mail and by reference. */
function isAskedFor(order: Order, query: URLSearchParams): boolean {
  const status = query.get('payment_status');
  const search = query.get('search');
  const lastStatus = query.get('last_payment_info.status');
  const names = [order.customer_info.email, ...(order.charges?.data ?? []).flatMap(namesOf)];
  return (
    (status === null || order.payment_status === status) &&
    (search === null || names.includes(search)) &&
    (lastStatus === null || order.charges?.data[0]?.status === lastStatus) &&
    isWithin(order.created_at, query, 'created_at') &&
    isWithin(order.updated_at, query, 'updated_at')
  );
}

function namesOf({ id, order_id, reference_id, payment_method: method }: Charge): string[] {
  const shown = 'reference' in method ? [method.reference] : [];
  const clabe = 'clabe' in method ? [method.clabe] : [];
  return [id, order_id, ...(reference_id === undefined ? [] : [reference_id]), ...shown, ...clabe];
}

function chargeIn(world: ConektaWorld, id: string): Charge {
  const found = world.charges.find((one) => one.id === id);
  if (!found) throw notFound('charge', id);
  return found;
}
