import {
  createPrice,
  updatePrice,
  createProduct,
  deleteProduct,
  updateProduct,
} from '../moves/price.moves.js';
import {
  priceCreate,
  priceList,
  priceUpdate,
  productCreate,
  productList,
  productUpdate,
} from '../params/catalogue.params.js';
import { justExpand } from '../params/money.params.js';
import { isWithin, newestFirst, pageOf } from '../stripe.lists.js';
import { route } from './api.route.js';

const PRODUCTS = '/v1/products';
const PRICES = '/v1/prices';

export const productRoutes = [
  route('POST', PRODUCTS, productCreate, (world, { params }) => createProduct(world, params)),

  route('GET', PRODUCTS, productList, (world, { params }) => {
    const products = newestFirst(world.billing.products.values())
      .filter((product) => isWithin(product.created, params.created))
      .filter(({ active }) => params.active === undefined || active === params.active)
      .filter(({ id }) => params.ids === undefined || params.ids.includes(id));
    return pageOf(products, params, PRODUCTS);
  }),

  route('GET', `${PRODUCTS}/:id`, justExpand, (world, { id }) => world.billing.product(id)),

  route('POST', `${PRODUCTS}/:id`, productUpdate, (world, { id, params }) =>
    updateProduct(world, world.billing.product(id), params),
  ),

  route('DELETE', `${PRODUCTS}/:id`, justExpand, (world, { id }) =>
    deleteProduct(world, world.billing.product(id)),
  ),
];

export const priceRoutes = [
  route('POST', PRICES, priceCreate, (world, { params }) => createPrice(world, params)),

  route('GET', PRICES, priceList, (world, { params }) => {
    const { lookup_keys: keys, recurring } = params;
    const prices = newestFirst(world.billing.prices.values())
      .filter((price) => isWithin(price.created, params.created))
      .filter(({ active }) => params.active === undefined || active === params.active)
      .filter(({ currency }) => params.currency === undefined || currency === params.currency)
      .filter(({ product }) => params.product === undefined || product === params.product)
      .filter(({ type }) => params.type === undefined || type === params.type)
      .filter((price) => !recurring?.interval || price.recurring?.interval === recurring.interval)
      .filter((price) => keys === undefined || keys.includes(price.lookup_key ?? ''));
    return pageOf(prices, params, PRICES);
  }),

  route('GET', `${PRICES}/:id`, justExpand, (world, { id }) => world.billing.price(id)),

  route('POST', `${PRICES}/:id`, priceUpdate, (world, { id, params }) =>
    updatePrice(world, world.billing.price(id), params),
  ),
];
