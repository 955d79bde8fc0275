import { randomUUID } from 'node:crypto';
import { cardByNumber, cardByTestToken } from '../card.numbers.js';
import { invalid, notFound, refused, unprocessed } from '../conekta.errors.js';
import { newId } from '../conekta.ids.js';
import type { Token, TokenCheckout } from '../conekta.types.js';
import type { ConektaWorld, HeldCard, TokenRecord } from '../conekta.world.js';
import type { TokenCreateParams } from '../params/customer.params.js';

const DAY = 24 * 60 * 60;

/** A card as somebody typed it; December 2034 where no expiry was asked for. */
export interface TypedCard {
  number: string;
  name: string;
  expMonth?: string | undefined;
  expYear?: string | undefined;
}

/** A card by its number. Throws 422 for one that is none. */
export function heldCard({ number, name, expMonth = '12', expYear = '34' }: TypedCard): HeldCard {
  return { card: cardByNumber(number), name, expMonth, expYear };
}

/** A token of a card, which can be used once. Throws 402 for a card that cannot be kept. */
export function newToken(world: ConektaWorld, typed: TypedCard): Token {
  return addToken(world, keepable(typed)).token;
}

/** `POST /tokens`: a token of a card, or the checkout for a component that asks for one. */
export function createToken(world: ConektaWorld, { card, checkout }: TokenCreateParams): Token {
  if (card) {
    const { number, name, exp_month: expMonth, exp_year: expYear } = card;
    return newToken(world, { number, name, expMonth, expYear });
  }
  if (!checkout) {
    throw invalid('card', 'missing', {
      es: 'Falta card o checkout.',
      en: 'card or checkout is missing.',
    });
  }
  const { token } = addToken(world, null);
  token.checkout = tokenCheckout(world, token.id);
  return token;
}

/** Puts a card into the token whose form the customer filled in. */
export function fillToken(world: ConektaWorld, checkoutId: string, typed: TypedCard): Token {
  const record = openToken(world, checkoutId);
  record.card = keepable(typed);
  return record.token;
}

/** The token that waits for its card. Throws 404 for an unknown checkout, 428 for one that is over or was used. */
export function openToken(world: ConektaWorld, checkoutId: string): TokenRecord {
  const record = [...world.tokens.values()].find(({ token }) => token.checkout?.id === checkoutId);
  if (!record?.token.checkout) throw notFound('checkout of a token', checkoutId);
  if (record.card) {
    throw refused('checkout.used', {
      es: 'Este formulario ya se usó para guardar una tarjeta. Pide uno nuevo.',
      en: 'This form was used before to save a card. Ask for a new one.',
    });
  }
  if (record.token.checkout.expires_at > world.clock.seconds()) return record;
  throw refused('checkout.expired', {
    es: 'Este formulario venció. Pide uno nuevo.',
    en: 'This form has expired. Ask for a new one.',
  });
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

/** Without a card it waits for the component, and cannot be used at all. */
function addToken(world: ConektaWorld, card: HeldCard | null): TokenRecord {
  const token: Token = { id: newId('tok'), object: 'token', livemode: world.options.livemode, used: false };
  const record = { token, card };
  world.tokens.set(token.id, record);
  return record;
}

function keepable(typed: TypedCard): HeldCard {
  const held = heldCard(typed);
  const { untokenizable, failure } = held.card;
  if (untokenizable && failure) throw unprocessed(`tokenization.${failure.code}`, failure.message);
  return held;
}

function tokenCheckout(world: ConektaWorld, tokenId: string): TokenCheckout {
  const now = world.clock.seconds();
  return {
    id: randomUUID(),
    object: 'checkout',
    name: tokenId.replace('_', '-'),
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
