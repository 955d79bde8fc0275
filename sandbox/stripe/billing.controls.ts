import type { BillingControls, StripePanel } from './billing.sandbox.types.js';
import { deleteCustomer, updateCustomer } from './moves/customer.moves.js';
import { payInvoice } from './moves/invoice.direct.js';
import { updatePrice, updateProduct } from './moves/price.moves.js';
import { endSubscription } from './moves/subscription.cancel.js';
import { createSubscription } from './moves/subscription.create.js';
import { pauseSubscription, resumeSubscription } from './moves/subscription.pause.js';
import { updateSubscription } from './moves/subscription.update.js';
import { callPanel } from './panel.calls.js';
import type { StripeWorld } from './stripe.world.js';

/** Plays what is due, does this, and answers a copy. */
export type Act = <T>(change: () => T) => Promise<T>;

export function newBillingControls(world: StripeWorld, act: Act): BillingControls {
  const { billing } = world;
  return {
    panel: newPanel(world, act),
    setDunning: (changes) => act(() => (billing.dunning = { ...billing.dunning, ...changes })),
  };
}

function newPanel(world: StripeWorld, act: Act): StripePanel {
  const { billing } = world;
  return {
    updateCustomer: (id, fields) => act(() => updateCustomer(world, world.customer(id), fields)),
    deleteCustomer: (id) => act(() => deleteCustomer(world, world.customer(id))),
    updateProduct: (id, fields) => act(() => updateProduct(world, billing.product(id), fields)),
    updatePrice: (id, fields) => act(() => updatePrice(world, billing.price(id), fields)),
    createSubscription: (params) => act(() => createSubscription(world, params)),
    updateSubscription: (id, params) =>
      act(() => updateSubscription(world, billing.subscription(id), params)),
    cancelSubscription: (id) => act(() => endSubscription(world, billing.subscription(id), {})),
    pauseSubscription: (id) => act(() => pauseSubscription(world, billing.subscription(id), {})),
    resumeSubscription: (id) => act(() => resumeSubscription(world, billing.subscription(id), {})),
    payInvoice: (id) => act(() => payInvoice(world, billing.invoice(id), {})),
    call: (method, path, params = {}) => act(() => callPanel(world, method, path, params)),
  };
}
