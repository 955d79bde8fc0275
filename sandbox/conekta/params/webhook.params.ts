import { EVENT_TYPES } from '../event.types.js';
import { flag, list, oneOf, shape, text, webUrl } from './rules.js';

const subscribedEvents = list(oneOf(...EVENT_TYPES));

export const webhookCreate = shape({ url: webUrl, subscribed_events: subscribedEvents }, ['url']);
export const webhookUpdate = shape({ url: webUrl, subscribed_events: subscribedEvents, active: flag });
export const webhookKey = shape({ active: flag });
export const eventResend = shape({ webhooks_ids: list(text(), { min: 1 }) }, ['webhooks_ids']);
