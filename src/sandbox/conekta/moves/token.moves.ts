import { randomUUID } from 'node:crypto';
import { cardByNumber, cardByTestToken } from '../card.numbers.js';
import { invalid, unprocessed } from '../conekta.errors.js';
import { newId } from '../conekta.ids.js';
import type { Token } from '../conekta.types.js';
import type { ConektaWorld, HeldCard } from '../conekta.world.js';
import type { TokenCreateParams } from '../params/customer.params.js';

const DAY = 24 * 60 * 60;

/** A card by its number. Throws 422 for one that is none. */
export function heldCard(typed: {
  number: string;
  name: string;
  expMonth?: string;
  expYear?: string;
}): HeldCard {
  const { number, name, expMonth = '12', expYear = '34' } = typed;
  return { card: cardByNumber(number), name, expMonth, expYear };
}

/** A token that can be used once. Without a card it waits for the component, and cannot be used at all. */
export function newToken(world: ConektaWorld, card: HeldCard | null): Token {
  const token: Token = { id: newId('tok'), object: 'token', livemode: world.options.livemode, used: false };
  world.tokens.set(token.id, { token, card });
  return token;
}

/** `POST /tokens`: a token of a card, or the checkout for a component that asks for one. */
export function createToken(world: ConektaWorld, { card, checkout }: TokenCreateParams): Token {
  if (card) {
    const { number, name, exp_month: expMonth, exp_year: expYear } = card;
    return newToken(world, heldCard({ number, name, expMonth, expYear }));
  }
  if (!checkout) {
    throw invalid('card', 'missing', {
      es: 'Falta card o checkout.',
      en: 'card or checkout is missing.',
    });
  }
  const token = newToken(world, null);
  token.checkout = tokenCheckout(world);
  return token;
}

/** The card behind a token, which is used up by it. Throws 422 for no such token, 402 for a used one. */
export function spendToken(world: ConektaWorld, id: string, param: string): HeldCard {
  const ready = cardByTestToken(id);
  if (ready) return { card: ready, name: 'Sandbox', expMonth: '12', expYear: '34' };
  const record = world.tokens.get(id);
  if (!record?.card) {
    throw invalid(param, 'nonexistent_token', {
      es: 'El token no existe.',
      en: 'There is no such token.',
    });
  }
  if (record.token.used) {
    const message = { es: 'La tarjeta no se pudo procesar.', en: 'The card could not be processed.' };
    throw unprocessed('tokenization.used', message, 'The token was used before.');
  }
  record.token.used = true;
  return record.card;
}

function tokenCheckout(world: ConektaWorld): object {
  const now = world.clock.seconds();
  return {
    id: randomUUID(),
    object: 'checkout',
    name: 'Token',
    type: 'Integration',
    status: 'Issued',
    livemode: world.options.livemode,
    allowed_payment_methods: ['card'],
    exclude_card_networks: [],
    can_not_expire: false,
    emails_sent: 0,
    sms_sent: 0,
    starts_at: now,
    expires_at: now + DAY,
    force_3ds_flow: false,
    metadata: {},
    monthly_installments_enabled: false,
    monthly_installments_options: [],
    needs_shipping_contact: false,
    on_demand_enabled: false,
    paid_payments_count: 0,
    recurrent: false,
  };
}
