import { justExpand } from '../params/money.params.js';
import { route } from './api.route.js';

/** Who the key is of. */
export const accountRoutes = [
  route('GET', '/v1/account', justExpand, (world) => ({
    id: world.accountId,
    object: 'account',
    type: 'standard',
    business_type: null,
    country: 'MX',
    default_currency: 'mxn',
    email: null,
    charges_enabled: true,
    details_submitted: true,
    payouts_enabled: true,
    metadata: {},
  })),
];
