import { type Json, jsonOf, textOf } from '../json.read.js';
import type { ProviderCall } from '../provider.port.js';
import type { ConektaWrite } from './conekta.client.js';

/** A recorded request, with what is needed to find out later whether it was acted upon. */
export type Planned = {
  method: ConektaWrite['method'];
  path: string;
  body?: Record<string, unknown>;
  /** Conekta's ids of what the call is about. */
  customerId?: string;
  subscriptionId?: string;
  planId?: string;
  makeDefault?: boolean;
};

const METHODS: readonly ConektaWrite['method'][] = ['POST', 'PUT', 'DELETE'];

/** What is sent of a recorded call. @throws Error for a record that holds none. */
export function writeOf({ operationId, request }: ProviderCall): ConektaWrite {
  const [method, path] = [METHODS.find((one) => one === request.method), textOf(request.path)];
  if (method === undefined || path === undefined)
    throw new Error(`operation ${operationId} holds no request`);
  return { method, path, ...(request.body !== undefined && { body: jsonOf(request.body) }) };
}

export function bodyOf({ request }: ProviderCall): Json {
  return jsonOf(request.body);
}

/** @throws Error for a record that lacks it. */
export function plannedId(
  { operationId, request }: ProviderCall,
  name: 'customerId' | 'subscriptionId' | 'planId',
): string {
  const id = textOf(request[name]);
  if (id === undefined) throw new Error(`operation ${operationId} holds no ${name}`);
  return id;
}
