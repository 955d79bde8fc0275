import { isJson, type Json, jsonOf, listOf, textOf } from '../../../src/providers/json.read.js';

/** One operation of an OpenAPI document, as it stands there. */
export interface Operation {
  /** `POST /orders/{id}/refunds` */
  name: string;
  parameters: readonly Parameter[];
  /** Its query as one object. */
  query: Json;
  requestBody: Json | undefined;
  responses: Json;
}

export interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: Json;
}

interface Route {
  method: string;
  pattern: RegExp;
  /** Steps that are written out; `/search` is meant rather than `/{id}` where both fit. */
  literals: number;
  operation: Operation;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Finds the operation that a request is, by the document's path templates. */
export class OperationFinder {
  private readonly routes: readonly Route[];

  constructor(private readonly document: Json) {
    const base = new URL(textOf(jsonOf(listOf(document.servers)[0]).url) ?? 'https://document.invalid')
      .pathname;
    const routes = Object.entries(jsonOf(document.paths)).flatMap(([template, item]) =>
      METHODS.filter((method) => isJson(jsonOf(item)[method])).map((method) =>
        this.route(base.replace(/\/$/, ''), method, template, jsonOf(item)),
      ),
    );
    this.routes = routes.sort((a, b) => b.literals - a.literals);
  }

  /** With the values of the path's parameters, decoded. */
  find(
    method: string,
    path: string,
  ): { operation: Operation; values: ReadonlyMap<string, string> } | undefined {
    for (const route of this.routes) {
      const match = route.method === method ? route.pattern.exec(path) : null;
      if (match === null) continue;
      const names = route.operation.parameters.filter((parameter) => parameter.in === 'path');
      const order = [...route.operation.name.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
      const values = names.map(({ name }): [string, string] => [
        name,
        decodeURIComponent(match[order.indexOf(name) + 1] ?? ''),
      ]);
      return { operation: route.operation, values: new Map(values) };
    }
    return undefined;
  }

  /** Follows a reference to another place of the document, if it is one. */
  resolve(node: unknown): Json {
    const reference = textOf(jsonOf(node).$ref);
    if (reference === undefined) return jsonOf(node);
    const steps = reference.split('/').slice(1);
    return jsonOf(steps.reduce<unknown>((at, step) => jsonOf(at)[step], this.document));
  }

  private route(base: string, method: string, template: string, item: Json): Route {
    const source = jsonOf(item[method]);
    const parameters = [...listOf(item.parameters), ...listOf(source.parameters)].map((parameter) =>
      readParameter(this.resolve(parameter)),
    );
    const pattern = template.replace(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replace(/\{[^}]+\}/g, '([^/]+)');
    return {
      method: method.toUpperCase(),
      pattern: new RegExp(`^${base}${pattern}$`),
      literals: template.split('/').filter((step) => !step.startsWith('{')).length,
      operation: {
        name: `${method.toUpperCase()} ${template}`,
        parameters,
        query: queryOf(parameters),
        requestBody: source.requestBody === undefined ? undefined : this.resolve(source.requestBody),
        responses: jsonOf(source.responses),
      },
    };
  }
}

function readParameter(source: Json): Parameter {
  return {
    name: String(source.name),
    in: String(source.in),
    required: source.required === true,
    schema: jsonOf(source.schema),
  };
}

function queryOf(parameters: readonly Parameter[]): Json {
  const declared = parameters.filter((parameter) => parameter.in === 'query');
  return {
    type: 'object',
    properties: Object.fromEntries(declared.map(({ name, schema }) => [name, schema])),
    required: declared.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  };
}
