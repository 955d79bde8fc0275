import { refused } from '../conekta.errors.js';
import { createLink } from '../moves/order.create.js';
import { checkoutCreate } from '../params/checkout.params.js';
import { bare, withBody } from './api.route.js';

export const checkoutRoutes = [
  withBody('POST', '/checkouts', checkoutCreate, (world, { params }) => createLink(world, params).checkout),

  bare('GET', '/checkouts', (world, { query }) => {
    const wanted = query.get('search') ?? '';
    const checkouts = [...world.checkouts.values()].map(({ checkout }) => checkout).reverse();
    return world.page(
      checkouts.filter(({ name }) => name.includes(wanted)),
      query,
      `/checkouts`,
    );
  }),

  bare('GET', '/checkouts/:id', (world, { id }) => world.checkout(id).checkout),

  bare('PUT', '/checkouts/:id/cancel', (world, { id }) => {
    const { checkout } = world.checkout(id);
    if (checkout.status !== 'Issued') {
      throw refused('checkout.not_issued', {
        es: 'Este pago ya está cerrado.',
        en: 'This checkout is closed.',
      });
    }
    checkout.status = 'Cancelled';
    return checkout;
  }),
];
