import { notFound } from '../conekta.errors.js';
import { createWebhook, deleteWebhook, pingWebhook, updateWebhook } from '../moves/webhook.moves.js';
import { eventResend, webhookCreate, webhookKey, webhookUpdate } from '../params/webhook.params.js';
import { bare, withBody } from './api.route.js';

export const webhookRoutes = [
  withBody('POST', '/webhooks', webhookCreate, (world, { params }) =>
    createWebhook(world, params.url, params.subscribed_events),
  ),

  bare('GET', '/webhooks', (world, { query }) => {
    const wanted = query.get('url');
    const webhooks = [...world.webhooks.values()].reverse();
    return world.page(
      webhooks.filter(({ url }) => wanted === null || url === wanted),
      query,
      `/webhooks`,
    );
  }),

  bare('GET', '/webhooks/:id', (world, { id }) => world.webhook(id)),

  withBody('PUT', '/webhooks/:id', webhookUpdate, (world, { id, params }) => {
    const webhook = world.webhook(id);
    updateWebhook(world, webhook, params);
    return webhook;
  }),

  bare('DELETE', '/webhooks/:id', (world, { id }) => {
    const webhook = world.webhook(id);
    deleteWebhook(world, webhook);
    return webhook;
  }),

  bare('POST', '/webhooks/:id/test', (world, { id }) => {
    const webhook = world.webhook(id);
    pingWebhook(world, webhook);
    return webhook;
  }),
];

export const webhookKeyRoutes = [
  withBody('POST', '/webhook_keys', webhookKey, (world, { params }) => {
    const { deactivated_at: _never, ...created } = world.keys.add(params.active ?? true);
    return created;
  }),

  bare('GET', '/webhook_keys', (world, { query }) =>
    world.page([...world.keys.all].reverse(), query, `/webhook_keys`),
  ),

  bare('GET', '/webhook_keys/:id', (world, { id }) => world.keys.get(id)),

  withBody('PUT', '/webhook_keys/:id', webhookKey, (world, { id, params }) =>
    world.keys.setActive(id, params.active ?? false),
  ),

  bare('DELETE', '/webhook_keys/:id', (world, { id }) => {
    const { object, active, livemode, created_at } = world.keys.delete(id);
    return { id, object, active, livemode, created_at, deleted: true };
  }),
];

export const eventRoutes = [
  bare('GET', '/events', (world, { query }) => {
    const wanted = query.get('search') ?? '';
    const events = [...world.log.events].reverse();
    return world.page(
      events.filter(({ id, type }) => wanted === '' || id === wanted || type === wanted),
      query,
      `/events`,
    );
  }),

  bare('GET', '/events/:id', (world, { id }) => world.log.get(id)),

  withBody('POST', '/events/:id/resend', eventResend, (world, { id, params }) => {
    const event = world.log.get(id);
    const webhooks = params.webhooks_ids.map((one) => world.webhook(one));
    const [log] = world.log.send(event, webhooks);
    if (!log) throw notFound('webhook', '');
    const { object: _log, ...answer } = log;
    return answer;
  }),
];

export const companyRoutes = [
  bare('GET', '/companies/current', (world) => ({
    id: 'c0000000000000000sandbox',
    object: 'company',
    name: 'Sandbox',
    active: true,
    account_status: 'activated',
    parent_company_id: null,
    onboarding_status: 'approved',
    documents: [],
    created_at: 1_700_000_000,
    three_ds_enabled: true,
    three_ds_mode: 'smart',
    onboarding_url: `${world.baseUrl}/onboarding`,
  })),
];
