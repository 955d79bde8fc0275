import type { ApiRoute } from './api.route.js';
import { accountRoutes } from './account.routes.js';
import { priceRoutes, productRoutes } from './catalogue.routes.js';
import { couponRoutes } from './coupon.routes.js';
import { customerRoutes } from './customer.routes.js';
import { endpointRoutes } from './endpoint.routes.js';
import { eventRoutes } from './event.routes.js';
import { intentRoutes } from './intent.routes.js';
import { invoicePaymentRoutes, invoiceRoutes } from './invoice.routes.js';
import { methodRoutes } from './method.routes.js';
import { chargeRoutes, disputeRoutes, refundRoutes } from './money.routes.js';
import { sessionRoutes } from './session.routes.js';
import { setupRoutes } from './setup.routes.js';
import { subscriptionRoutes } from './subscription.routes.js';

/** Every operation that this Stripe knows. */
export const API_ROUTES: ApiRoute[] = [
  ...accountRoutes,
  ...sessionRoutes,
  ...intentRoutes,
  ...setupRoutes,
  ...chargeRoutes,
  ...refundRoutes,
  ...disputeRoutes,
  ...couponRoutes,
  ...customerRoutes,
  ...methodRoutes,
  ...productRoutes,
  ...priceRoutes,
  ...subscriptionRoutes,
  ...invoiceRoutes,
  ...invoicePaymentRoutes,
  ...endpointRoutes,
  ...eventRoutes,
];
