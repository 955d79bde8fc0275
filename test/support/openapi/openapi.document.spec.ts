import { describe, expect, it } from '@jest/globals';
import { correct } from './document.corrections.js';
import { OpenApiDocument, type GivenAnswer, type SentRequest } from './openapi.document.js';

const SHOP = {
  openapi: '3.0.3',
  servers: [{ url: 'https://api.shop.example/v1' }],
  components: {
    securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    schemas: {
      named: { properties: { name: { type: 'string', maxLength: 5 } }, required: ['name'] },
      purchase: {
        allOf: [
          { $ref: '#/components/schemas/named' },
          {
            properties: {
              id: { type: 'string', readOnly: true },
              amount: { type: 'integer', minimum: 0, exclusiveMinimum: true },
              note: { type: 'string', nullable: true },
              gift: { type: 'boolean' },
              tags: { type: 'array', items: { type: 'string' } },
              metadata: { type: 'object', additionalProperties: { type: 'string' } },
              source: { $ref: '#/components/schemas/source' },
              owner: { anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/owner' }] },
            },
            required: ['id', 'amount'],
          },
        ],
      },
      owner: { properties: { object: { type: 'string', enum: ['owner'] }, age: { type: 'integer' } } },
      source: {
        oneOf: [{ $ref: '#/components/schemas/card' }, { $ref: '#/components/schemas/cash' }],
        discriminator: {
          propertyName: 'type',
          mapping: { card: '#/components/schemas/card', cash: '#/components/schemas/cash' },
        },
      },
      card: { properties: { type: { type: 'string' }, brand: { type: 'string' } } },
      cash: { properties: { type: { type: 'string' }, store: { type: 'string' } }, required: ['store'] },
    },
  },
  paths: {
    '/purchases': {
      get: {
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 100 } },
          { name: 'Accept-Language', in: 'header', schema: { type: 'string', enum: ['es', 'en'] } },
        ],
        responses: {},
      },
      post: {
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/purchase' } },
            'application/x-www-form-urlencoded': { schema: { $ref: '#/components/schemas/purchase' } },
          },
        },
        responses: {
          '200': {
            content: { 'application/shop+json': { schema: { $ref: '#/components/schemas/purchase' } } },
          },
        },
      },
    },
    '/purchases/{id}': {
      get: {
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^pur_' } },
        ],
        responses: {},
      },
    },
    '/purchases/search': { get: { responses: {} } },
  },
};

const document = new OpenApiDocument(SHOP);

function sent(changes: Partial<SentRequest> = {}): SentRequest {
  const headers = { authorization: 'Bearer key', 'content-type': 'application/json' };
  return { method: 'GET', path: '/v1/purchases', query: '', headers, body: '', ...changes };
}

function posted(body: unknown): string[] {
  return document.checkRequest(sent({ method: 'POST', body: JSON.stringify(body) }));
}

function submitted(body: string): string[] {
  const headers = { authorization: 'Bearer key', 'content-type': 'application/x-www-form-urlencoded' };
  return document.checkRequest(sent({ method: 'POST', headers, body }));
}

function answer(body: unknown, changes: Partial<GivenAnswer> = {}): GivenAnswer {
  const contentType = 'application/shop+json; charset=utf-8';
  const text = JSON.stringify(body);
  return { method: 'POST', path: '/v1/purchases', status: 200, contentType, body: text, ...changes };
}

describe("a provider's document", () => {
  describe('checking a request', () => {
    it('finds nothing wrong with a good one', () => {
      const metadata = { channel: 'web' };
      const source = { type: 'card', brand: 'visa' };
      expect(posted({ name: 'Ada', amount: 5, note: null, tags: ['a'], metadata, source })).toEqual([]);
      expect(document.checkRequest(sent({ query: 'limit=10' }))).toEqual([]);
    });

    it('does not take a property that nothing names, at any depth', () => {
      expect(posted({ name: 'Ada', amount: 5, surprise: 1 })).toEqual([
        'body has "surprise", which the document does not know',
      ]);
      expect(posted({ name: 'Ada', amount: 5, owner: { age: 3, shoe: 42 } })).toEqual([
        'body.owner has "shoe", which the document does not know',
      ]);
      expect(posted({ name: 'Ada', amount: 5, source: { type: 'card', store: 'Oxxo' } })).toEqual([
        'body.source has "store", which the document does not know',
      ]);
    });

    it('does not take what only the provider writes', () => {
      expect(posted({ name: 'Ada', amount: 5, id: 'pur_1' })).toEqual([
        'body has "id", which the document does not know',
      ]);
    });

    it('tells what is missing, too long, too small or of another type', () => {
      expect(posted({ amount: 0, gift: 'yes' })).toEqual([
        'body lacks "name"',
        'body.amount is 0 and must be > 0',
        'body.gift is "yes" and must be of type boolean',
      ]);
      expect(posted({ name: 'Ada Lovelace', amount: 5 })).toEqual([
        'body.name is "Ada Lovelace" and must NOT have more than 5 characters',
      ]);
      expect(posted('Ada')).toEqual(['body is "Ada" and must be of type object']);
    });

    it('reads a discriminated alternative by its name alone', () => {
      expect(posted({ name: 'Ada', amount: 5, source: { type: 'cash' } })).toEqual([
        'body.source lacks "store"',
      ]);
      expect(posted({ name: 'Ada', amount: 5, source: { type: 'gold' } })).toEqual([
        'body.source.type is "gold" and must be one of ["card","cash"]',
      ]);
    });

    it('reads the numbers, truths and lists of a form by the schema', () => {
      expect(submitted('name=1&amount=5&gift=true&tags[0]=a&tags[1]=b&metadata[0]=c&owner[age]=3')).toEqual(
        [],
      );
      expect(submitted('name=Ada&amount=five&tags[0][b]=c&note[x]=y')).toEqual([
        'body.amount is "five" and must be of type integer',
        'body.note is an object (x) and must be of type string or null',
        'body.tags[0] is an object (b) and must be of type string',
      ]);
    });

    it('knows the addresses, the written out before those with a blank', () => {
      expect(document.operationOf('GET', '/v1/purchases/search')).toBe('GET /purchases/search');
      expect(document.operationOf('GET', '/v1/purchases/pur_1')).toBe('GET /purchases/{id}');
      expect(document.checkRequest(sent({ path: '/v1/purchases/7' }))).toEqual([
        'path.id is "7" and must match pattern "^pur_"',
      ]);
      expect(document.checkRequest(sent({ path: '/v1/sales' }))).toEqual([
        'GET /v1/sales is no operation of the document',
      ]);
    });

    it('holds queries and headers to it', () => {
      expect(document.checkRequest(sent({ query: 'limit=500&page=2' }))).toEqual([
        'query has "page", which the document does not know',
        'query.limit is 500 and must be <= 100',
      ]);
      const headers = { 'accept-language': 'fr', accept: 'text/html' };
      expect(document.checkRequest(sent({ headers }))).toEqual([
        'header.Accept-Language is "fr" and must be one of ["es","en"]',
        'the request is authorized by nothing and must be by bearer',
      ]);
      expect(
        document.checkRequest(
          sent({ method: 'POST', headers: { authorization: 'Bearer k', accept: 'text/html' } }),
        ),
      ).toEqual([
        'the request accepts text/html and is answered with application/shop+json',
        'the request lacks its body',
      ]);
    });
  });

  describe('checking an answer', () => {
    const good = { id: 'pur_1', name: 'Ada', amount: 5 };

    it('takes more than the document tells, and says so when asked', () => {
      const given = answer({ ...good, extra: true });
      expect(document.checkAnswer(given)).toEqual([]);
      expect(document.unknownIn(given)).toEqual(['answer has "extra", which the document does not know']);
    });

    it('wants all that is promised', () => {
      expect(document.checkAnswer(answer({ name: 'Ada', amount: 5 }))).toEqual(['answer lacks "id"']);
    });

    it('tells what is wrong with the alternative that was meant', () => {
      expect(document.checkAnswer(answer({ ...good, owner: { object: 'owner', age: 'old' } }))).toEqual([
        'answer.owner.age is "old" and must be of type integer',
      ]);
    });

    it('knows statuses and types of content', () => {
      expect(document.checkAnswer(answer(good, { status: 418 }))).toEqual([
        'the answer 418 is not in the document',
      ]);
      expect(document.checkAnswer(answer(good, { contentType: 'text/html' }))).toEqual([
        'the answer is sent as text/html and must be application/shop+json',
      ]);
      expect(document.checkAnswer(answer(good, { body: '<html>' }))).toHaveLength(1);
    });
  });

  it('is corrected where it is wrong, unless the place is gone', () => {
    const at = ['components', 'schemas', 'cash'];
    const correction = { provider: 'shop', at, set: { required: undefined }, reason: 'for this test' };
    const corrected = new OpenApiDocument(correct('shop', SHOP, [correction]));
    const request = { name: 'Ada', amount: 5, source: { type: 'cash' } };
    expect(corrected.checkRequest(sent({ method: 'POST', body: JSON.stringify(request) }))).toEqual([]);
    const everywhere = { ...correction, at: ['paths', '*', '*', 'responses'], set: { '4XX': {} } };
    const refusing = new OpenApiDocument(correct('shop', SHOP, [everywhere]));
    expect(refusing.checkAnswer(answer({}, { status: 418 }))).toEqual([]);
    expect(() => correct('shop', SHOP, [{ ...correction, at: ['components', 'schemas', 'gone'] }])).toThrow(
      'gone',
    );
  });
});
