import { newProduct, type ProductParts } from '../objects/catalogue.object.js';
import type { ProductUpdateParams } from '../params/catalogue.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { changedFields } from '../stripe.changes.js';
import { refused } from '../stripe.errors.js';
import type { Product } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

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
