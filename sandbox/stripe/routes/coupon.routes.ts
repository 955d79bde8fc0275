import { newCoupon } from '../objects/coupon.object.js';
import { couponCreate } from '../params/coupon.params.js';
import { justExpand } from '../params/money.params.js';
import { refused } from '../stripe.errors.js';
import { route } from './api.route.js';

const PATH = '/v1/coupons';

export const couponRoutes = [
  route('POST', PATH, couponCreate, (world, { params }) => {
    const coupon = newCoupon(world, params);
    if (world.coupons.has(coupon.id)) {
      throw refused(`Coupon already exists: ${coupon.id}`, { code: 'resource_already_exists', param: 'id' });
    }
    world.coupons.set(coupon.id, coupon);
    world.log.emit('coupon.created', coupon);
    return coupon;
  }),

  route('GET', `${PATH}/:id`, justExpand, (world, { id }) => world.coupon(id)),
];
