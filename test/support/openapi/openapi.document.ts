import { readFileSync } from 'node:fs';
import { CORE_SCHEMA, load } from 'js-yaml';
import { type Json, jsonOf } from '../../../src/providers/json.read.js';
import { correct } from './document.corrections.js';
import { FormReader } from './form.reader.js';
import { mediaTypeOf, takes } from './media.type.js';
import { type Operation, OperationFinder } from './operation.finder.js';
import { documentFileOf } from './provider.documents.js';
import { sayFault, type SchemaFault } from './schema.fault.js';
import { SchemaValidator } from './schema.validator.js';

export interface SentRequest {
  method: string;
  path: string;
  /** Without the question mark. */
  query: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

export interface GivenAnswer {
  method: string;
  path: string;
  status: number;
  contentType: string | undefined;
  body: string;
}

const FORM = 'application/x-www-form-urlencoded';

/**
 * A provider's own OpenAPI document. The checks tell what breaks it, in words; nothing told is nothing broken.
 * Requests are held to it strictly: what the document does not name is a fault, for a provider may refuse it
 * or, worse, ignore it.
 */
export class OpenApiDocument {
  private readonly finder: OperationFinder;
  private readonly forms: FormReader;
  private readonly requests: SchemaValidator;
  private readonly answers: SchemaValidator;

  constructor(private readonly source: Json) {
    const components = jsonOf(jsonOf(source.components).schemas);
    this.finder = new OperationFinder(source);
    this.forms = new FormReader(components);
    this.requests = new SchemaValidator(components, 'request');
    this.answers = new SchemaValidator(components, 'answer');
  }

  /** @throws Error when there is no copy of that provider's document. */
  static load(provider: string): OpenApiDocument {
    const file = documentFileOf(provider);
    if (file === undefined) throw new Error(`there is no OpenAPI document of ${provider}`);
    const text = readFileSync(file, 'utf8');
    const source: unknown = file.endsWith('.json') ? JSON.parse(text) : load(text, { schema: CORE_SCHEMA });
    return new OpenApiDocument(correct(provider, jsonOf(source)));
  }

  /** `POST /orders/{id}/refunds`; undefined: the document has no such operation. */
  operationOf(method: string, path: string): string | undefined {
    return this.finder.find(method, path)?.operation.name;
  }

  checkRequest(request: SentRequest): string[] {
    const found = this.finder.find(request.method, request.path);
    if (found === undefined) return [`${request.method} ${request.path} is no operation of the document`];
    const { operation, values } = found;
    const headers = new Map(
      Object.entries(request.headers).map(([name, value]): [string, string] => [
        name,
        [value].flat().join(', '),
      ]),
    );
    return [
      ...this.texts(operation, 'path', values),
      ...this.texts(operation, 'header', headers),
      ...this.query(operation, request.query),
      ...this.authorization(headers.get('authorization')),
      ...this.accept(operation, headers.get('accept')),
      ...this.body(operation, headers.get('content-type'), request.body),
    ];
  }

  /** A provider may answer more than its document tells, so that is no fault: see `unknownIn`. */
  checkAnswer(answer: GivenAnswer): string[] {
    const judged = this.judge(answer);
    return typeof judged === 'string' ? [judged] : judged.filter(({ unknown }) => !unknown).map(sayAnswer);
  }

  /** What an answer holds beyond what the document tells. */
  unknownIn(answer: GivenAnswer): string[] {
    const judged = this.judge(answer);
    return typeof judged === 'string' ? [] : judged.filter(({ unknown }) => unknown).map(sayAnswer);
  }

  /** An object outside of any answer, such as a webhook's, by the name of its schema. */
  checkObject(schema: string, value: unknown): string[] {
    const $ref = `#/components/schemas/${schema}`;
    const faults = this.answers.faults({ $ref }, value).filter(({ unknown }) => !unknown);
    return faults.map((fault) => sayFault(schema, fault));
  }

  private texts(operation: Operation, place: string, given: ReadonlyMap<string, string>): string[] {
    const declared = operation.parameters.filter((parameter) => parameter.in === place);
    return declared.flatMap(({ name, required, schema }) => {
      const text = given.get(place === 'header' ? name.toLowerCase() : name);
      if (text === undefined) return required ? [`the ${place} lacks "${name}"`] : [];
      const faults = this.requests.faults(schema, this.forms.readText(schema, text));
      return faults.map((fault) => sayFault(`${place}.${name}`, fault));
    });
  }

  private query({ query }: Operation, text: string): string[] {
    const faults = this.requests.faults(query, this.forms.readForm(query, text));
    return faults.map((fault) => sayFault('query', fault));
  }

  private authorization(header: string | undefined): string[] {
    const schemes = Object.values(jsonOf(jsonOf(this.source.components).securitySchemes)).map(jsonOf);
    const names = schemes
      .filter(({ type }) => type === 'http')
      .map(({ scheme }) => String(scheme).toLowerCase());
    const given = header?.split(' ')[0]?.toLowerCase();
    if (names.length === 0 || (given !== undefined && names.includes(given))) return [];
    return [`the request is authorized by ${given ?? 'nothing'} and must be by ${names.join(' or ')}`];
  }

  private accept(operation: Operation, header: string | undefined): string[] {
    const offered = Object.values(operation.responses).flatMap((response) =>
      Object.keys(jsonOf(this.finder.resolve(response).content)),
    );
    if (header === undefined || offered.length === 0 || offered.some((type) => takes(header, type)))
      return [];
    return [`the request accepts ${header} and is answered with ${[...new Set(offered)].join(' or ')}`];
  }

  private body(operation: Operation, contentType: string | undefined, text: string): string[] {
    const { requestBody } = operation;
    if (text === '') return requestBody?.required === true ? ['the request lacks its body'] : [];
    if (requestBody === undefined) return ['the request has a body, which the document does not know'];
    const content = jsonOf(requestBody.content);
    const type = mediaTypeOf(contentType);
    if (content[type] === undefined) {
      return [`the request is sent as ${type || 'nothing'} and must be ${Object.keys(content).join(' or ')}`];
    }
    const schema = jsonOf(jsonOf(content[type]).schema);
    const value = type === FORM ? this.forms.readForm(schema, text) : parse(text);
    return this.requests.faults(schema, value).map((fault) => sayFault('body', fault));
  }

  /** A sentence when there is nothing to hold the answer's body to. */
  private judge(answer: GivenAnswer): readonly SchemaFault[] | string {
    const operation = this.finder.find(answer.method, answer.path)?.operation;
    if (operation === undefined) return `${answer.method} ${answer.path} is no operation of the document`;
    const { responses } = operation;
    const told =
      responses[answer.status] ?? responses[`${Math.floor(answer.status / 100)}XX`] ?? responses.default;
    if (told === undefined) return `the answer ${answer.status} is not in the document`;
    const content = jsonOf(this.finder.resolve(told).content);
    if (Object.keys(content).length === 0) return [];
    const type = mediaTypeOf(answer.contentType);
    if (content[type] === undefined) {
      return `the answer is sent as ${type || 'nothing'} and must be ${Object.keys(content).join(' or ')}`;
    }
    return this.answers.faults(jsonOf(jsonOf(content[type]).schema), parse(answer.body));
  }
}

function sayAnswer(fault: SchemaFault): string {
  return sayFault('answer', fault);
}

/** Undefined, which no schema takes, for text that is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
