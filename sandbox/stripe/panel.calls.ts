import type { ApiRoute } from './routes/api.route.js';
import { API_ROUTES } from './routes/api.table.js';
import { StripeError } from './stripe.errors.js';
import { formOf } from './stripe.form.js';
import type { StripeWorld } from './stripe.world.js';

/**
 * Does in the dashboard what the API does: the same checks and the same events, which name no request.
 * Throws Stripe's error for what Stripe refuses.
 */
export function callPanel(world: StripeWorld, method: string, path: string, params: object): object {
  for (const route of API_ROUTES) {
    if (route.method !== method) continue;
    const id = idIn(route, path);
    if (id !== null) return route.prepare(world, id, formOf(params))();
  }
  throw new StripeError(404, `Unrecognized request URL (${method}: ${path}).`);
}

/** The id in a path of this operation, empty where it has none; null for another path. */
function idIn(route: ApiRoute, path: string): string | null {
  const wanted = route.path.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const fits = wanted.every(
    (part, index) => part === given[index] || (part === ':id' && given[index] !== ''),
  );
  return fits ? (given[wanted.indexOf(':id')] ?? '') : null;
}
