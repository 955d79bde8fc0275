/** The API's objects, as the sandbox keeps and gives them. */
export type * from './types/charge.types.js';
export type * from './types/customer.types.js';
export type * from './types/order.types.js';
export type * from './types/plan.types.js';
export type * from './types/shared.types.js';
export type * from './types/subscription.types.js';
export type * from './types/webhook.types.js';
