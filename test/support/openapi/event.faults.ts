import { jsonOf } from '../../../src/providers/json.read.js';
import type { OpenApiDocument } from './openapi.document.js';

/** Names of schemas by what an object says that it is (`object`); `event` is for the envelope. */
export type ObjectSchemas = Readonly<Record<string, string>>;

/** What breaks the document in events and in the objects that they carry; those without a schema are not told. */
export function eventFaults(
  document: OpenApiDocument,
  events: readonly { type: string; data: unknown }[],
  schemas: ObjectSchemas,
): string[] {
  const faults = events.flatMap((event) => {
    const { object } = jsonOf(event.data);
    const schema = schemas[String(jsonOf(object).object)];
    const inside = schema === undefined ? [] : document.checkObject(schema, object);
    const around = schemas.event === undefined ? [] : document.checkObject(schemas.event, event);
    return [...around, ...inside].map((fault) => `${event.type}: ${fault}`);
  });
  return [...new Set(faults)];
}
