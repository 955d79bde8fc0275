import { createCustomer, deleteCustomer, updateCustomer } from '../moves/customer.moves.js';
import { customerCreate, customerList, customerUpdate } from '../params/customer.params.js';
import { justExpand } from '../params/money.params.js';
import { isWithin, newestFirst, pageOf } from '../stripe.lists.js';
import { route } from './api.route.js';

const PATH = '/v1/customers';

export const customerRoutes = [
  route('POST', PATH, customerCreate, (world, { params }) => createCustomer(world, params)),

  route('GET', PATH, customerList, (world, { params }) => {
    const customers = newestFirst(world.customers.values())
      .filter((customer) => isWithin(customer.created, params.created))
      .filter(({ email }) => params.email === undefined || email === params.email);
    return pageOf(customers, params, PATH);
  }),

  route('GET', `${PATH}/:id`, justExpand, (world, { id }) =>
    world.deletedCustomers.has(id) ? { id, object: 'customer', deleted: true } : world.customer(id),
  ),

  route('POST', `${PATH}/:id`, customerUpdate, (world, { id, params }) =>
    updateCustomer(world, world.customer(id), params),
  ),

  route('DELETE', `${PATH}/:id`, justExpand, (world, { id }) => deleteCustomer(world, world.customer(id))),
];
