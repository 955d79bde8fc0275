import { badParameter } from '../stripe.errors.js';
import { flag, list, shape, text, unplayed, type ParamsOf, type Rule } from './rules.js';
import { expand, listFields, metadata } from './shared.params.js';

const name = text();

const eventName: Rule<string> = (value, param) => {
  const read = name(value, param);
  if (read === '*' || /^[a-z][a-z_]*(\.[a-z_]+)+$/.test(read)) return read;
  throw badParameter(`Invalid ${param}: ${read.slice(0, 60)} is no type of event`, param);
};

const fields = {
  description: text({ emptyable: true }),
  enabled_events: list(eventName),
  expand,
  metadata,
  url: text(),
};

export const endpointCreate = shape({ ...fields, api_version: text(), connect: unplayed }, [
  'enabled_events',
  'url',
]);
export type EndpointCreateParams = ParamsOf<typeof endpointCreate>;

export const endpointUpdate = shape({ ...fields, disabled: flag });
export const endpointList = shape(listFields);
