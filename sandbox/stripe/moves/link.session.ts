import { sessionCreate } from '../params/session.params.js';
import { decodeForm } from '../stripe.form.js';
import { newId } from '../stripe.ids.js';
import type { LinkVisit } from '../stripe.sandbox.types.js';
import type { Session } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { createSession } from './session.create.js';

const REFERENCE = /^[\w-]{1,200}$/;

/**
 * Opens a Payment Link, which is somebody's session from then on. `client_reference_id` comes from the address bar of
 * whoever opens it, and metadata from the link; the payment intent gets neither.
 */
export function openLink(world: StripeWorld, visit: LinkVisit): Session {
  const { amount, currency = 'usd', clientReferenceId = '', metadata = {} } = visit;
  const form = new URLSearchParams({
    mode: 'payment',
    success_url: `${world.baseUrl}/thanks`,
    'line_items[0][quantity]': '1',
    'line_items[0][price_data][currency]': currency,
    'line_items[0][price_data][product_data][name]': 'Sticker',
    'line_items[0][price_data][unit_amount]': String(amount),
    ...(REFERENCE.test(clientReferenceId) && { client_reference_id: clientReferenceId }),
  });
  for (const [key, value] of Object.entries(metadata)) form.set(`metadata[${key}]`, value);
  const { id } = createSession(world, sessionCreate(decodeForm(form.toString()), ''));
  const { session } = world.session(id);
  session.payment_link = newId('plink');
  return session;
}
