import { newPrice, newProduct, type ProductParts } from '../objects/catalogue.object.js';
import type {
  PriceCreateParams,
  PriceUpdateParams,
  RecurringParams,
  ProductUpdateParams,
} from '../params/catalogue.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { changedFields } from '../stripe.changes.js';
import { badParameter, refused } from '../stripe.errors.js';
import { readCurrency } from '../stripe.money.js';
import type { Price, Product } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

/** Three years, in each interval. */
const LONGEST = { day: 1095, week: 156, month: 36, year: 3 };

export function createPrice(world: StripeWorld, params: PriceCreateParams): Price {
  const currency = readCurrency(params.currency, 'currency');
  const unitAmount = readAmount(params);
  checkInterval(params.recurring);
  checkLookupKey(world, params);
  const product = productOf(world, params);
  const price = newPrice(world, { ...params, recurring: params.recurring, currency, product, unitAmount });
  world.billing.prices.set(price.id, price);
  world.log.emit('price.created', price);
  return price;
}

/** Subscribers keep the price that they have: archiving it only stops new ones. */
export function updatePrice(world: StripeWorld, price: Price, params: PriceUpdateParams): Price {
  checkLookupKey(world, params, price);
  const before = structuredClone(price);
  price.active = params.active ?? price.active;
  price.lookup_key = params.lookup_key ?? price.lookup_key;
  price.tax_behavior = params.tax_behavior ?? price.tax_behavior;
  if (params.nickname !== undefined) price.nickname = params.nickname || null;
  price.metadata = mergedMetadata(price.metadata, params.metadata);
  world.log.emit('price.updated', price, changedFields(before, price));
  return price;
}

function productOf(world: StripeWorld, params: PriceCreateParams): string {
  if (params.product !== undefined && params.product_data !== undefined) {
    throw badParameter('You may only specify one of these parameters: product, product_data.', 'product');
  }
  if (params.product !== undefined) return world.billing.product(params.product, 'product').id;
  if (params.product_data !== undefined) return createProduct(world, params.product_data).id;
  const message = 'You must specify either `product` or `product_data` when creating a price.';
  throw badParameter(message, 'product', 'parameter_missing');
}

function readAmount(params: PriceCreateParams): number {
  if (params.unit_amount !== undefined) return params.unit_amount;
  const decimal = params.unit_amount_decimal;
  if (decimal === undefined) {
    throw badParameter('Missing required param: unit_amount.', 'unit_amount', 'parameter_missing');
  }
  // Stripe takes up to 12 decimals here and rounds what is billed; whole ones are all that is played.
  if (/^\d{1,12}$/.test(decimal)) return Number(decimal);
  const message = `Invalid decimal: ${decimal.slice(0, 40)}; the sandbox takes whole minor units`;
  throw badParameter(message, 'unit_amount_decimal');
}

function checkInterval(recurring: RecurringParams | undefined): void {
  if (!recurring || (recurring.interval_count ?? 1) <= LONGEST[recurring.interval]) return;
  const message = 'Invalid interval count: the maximum is three years (1095 days, 156 weeks or 36 months).';
  throw badParameter(message, 'recurring[interval_count]');
}

/** One price has a lookup key; `transfer_lookup_key` takes it from that one. */
function checkLookupKey(
  world: StripeWorld,
  params: Pick<PriceUpdateParams, 'lookup_key' | 'transfer_lookup_key'>,
  own?: Price,
): void {
  if (params.lookup_key === undefined) return;
  const holder = [...world.billing.prices.values()].find((price) => price.lookup_key === params.lookup_key);
  if (!holder || holder === own) return;
  if (!params.transfer_lookup_key) {
    const message = `A price (\`${holder.id}\`) already uses that lookup key.`;
    throw refused(message, { param: 'lookup_key' });
  }
  holder.lookup_key = null;
}

/** The id may be the caller's own. Throws `resource_already_exists` for one that is taken. */
export function createProduct(world: StripeWorld, parts: ProductParts): Product {
  const product = newProduct(world, parts);
  if (world.billing.products.has(product.id)) {
    throw refused('Product already exists.', { code: 'resource_already_exists', param: 'id' });
  }
  world.billing.products.set(product.id, product);
  world.log.emit('product.created', product);
  return product;
}

export function updateProduct(world: StripeWorld, product: Product, params: ProductUpdateParams): Product {
  const before = structuredClone(product);
  product.name = params.name ?? product.name;
  product.active = params.active ?? product.active;
  product.images = params.images ?? product.images;
  product.shippable = params.shippable ?? product.shippable;
  product.statement_descriptor = params.statement_descriptor ?? product.statement_descriptor;
  for (const name of ['description', 'tax_code', 'unit_label', 'url'] as const) {
    const value = params[name];
    if (value !== undefined) product[name] = value || null;
  }
  if (params.default_price !== undefined) {
    product.default_price = world.billing.price(params.default_price, 'default_price').id;
  }
  product.metadata = mergedMetadata(product.metadata, params.metadata);
  product.updated = world.clock.seconds();
  world.log.emit('product.updated', product, changedFields(before, product));
  return product;
}

/** Only a product that never had a price can go. */
export function deleteProduct(world: StripeWorld, product: Product): object {
  const { id } = product;
  if ([...world.billing.prices.values()].some((price) => price.product === id)) {
    throw refused(
      'This product cannot be deleted because it has one or more user-created prices. You can archive it instead.',
    );
  }
  world.billing.products.delete(id);
  world.log.emit('product.deleted', product);
  return { id, object: 'product', deleted: true };
}
