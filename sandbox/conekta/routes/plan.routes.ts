import type { Plan } from '../conekta.types.js';
import { createPlan, deletePlan, updatePlan } from '../moves/plan.moves.js';
import { planCreate, planUpdate } from '../params/plan.params.js';
import { bare, withBody } from './api.route.js';

export const planRoutes = [
  withBody('POST', '/plans', planCreate, (world, { params }) => createPlan(world, params)),

  bare('GET', '/plans', (world, { query }) => {
    const plans = [...world.plans.values()].reverse();
    return world.page(
      plans.filter((plan) => isAskedFor(plan, query)),
      query,
      `/plans`,
    );
  }),

  bare('GET', '/plans/:id', (world, { id }) => world.plan(id)),

  withBody('PUT', '/plans/:id', planUpdate, (world, { id, params }) => {
    const plan = world.plan(id);
    updatePlan(world, plan, params);
    return plan;
  }),

  bare('DELETE', '/plans/:id', (world, { id }) => {
    const plan = world.plan(id);
    deletePlan(world, plan);
    return plan;
  }),
];

function isAskedFor({ id, name, currency, frequency }: Plan, query: URLSearchParams): boolean {
  const wanted = { search: query.get('search'), currency: query.get('currency') };
  const often = query.get('frequency');
  return (
    (wanted.search === null || wanted.search === id || wanted.search === name) &&
    (wanted.currency === null || wanted.currency === currency) &&
    (often === null || Number(often) === frequency)
  );
}
