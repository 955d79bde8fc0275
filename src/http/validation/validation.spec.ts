import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsDefined,
  IsInt,
  IsNumber,
  IsOptional,
  IsPositive,
  IsString,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../kernel/errors.js';
import { RequestPipe } from './request.pipe.js';
import { IsMetadata, PlainText } from './text.rules.js';

class LineDto {
  @PlainText({ max: 10 })
  name!: string;

  @IsPositive()
  price!: number;

  @IsInt({ each: true })
  @IsOptional()
  months?: number[];

  /** Decorated as the product's own are: the last one is looked at first. */
  @ValidateIf((line: LineDto) => line.quantity !== undefined)
  @IsInt({ message: '$property must be a whole number' })
  @Min(1, { message: '$property must be at least 1' })
  @Max(100, { message: '$property must be at most 100' })
  quantity?: number;

  @IsOptional()
  @IsNumber({ allowNaN: false }, { message: '$property must be a number' })
  @IsPositive({ message: '$property must be greater than zero' })
  cost?: number;
}

class OrderDto {
  @IsString()
  orderId!: string;

  @ArrayNotEmpty()
  @ValidateNested({ each: true })
  @Type(() => LineDto)
  items!: LineDto[];

  @IsDefined()
  @ValidateNested()
  @Type(() => LineDto)
  first!: LineDto;

  @IsMetadata()
  @IsOptional()
  metadata?: Record<string, string>;
}

const line = { name: 'Teclado', price: 1 };
const order = { orderId: 'o-1', items: [line], first: line };

async function refusalOf(body: unknown): Promise<ServiceError> {
  try {
    await new RequestPipe().transform(body, { type: 'body', metatype: OrderDto });
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error('the body was accepted');
}

const detailsOf = async (body: unknown): Promise<unknown> => (await refusalOf(body)).details;

describe('the validation of a request', () => {
  it('gives the DTO itself', async () => {
    const accepted = await new RequestPipe().transform(order, { type: 'body', metatype: OrderDto });
    expect(accepted).toBeInstanceOf(OrderDto);
    expect(accepted).toEqual(order);
  });

  it('names the path and the rule of a nested fault', async () => {
    const body = { ...order, items: [line, { name: 'x', price: -1, months: [1, 1.5] }] };
    expect(await detailsOf(body)).toEqual([
      { field: 'items[1].price', rule: 'must be a positive number' },
      { field: 'items[1].months', rule: 'each value must be an integer number' },
    ]);
  });

  it.each([
    ['2', 'must be a whole number'],
    [null, 'must be a whole number'],
  ])('T18g says of %j in place of a number what is wrong with it', async (quantity, rule) => {
    const body = { ...order, first: { ...line, quantity: 1 }, items: [{ ...line, quantity }] };
    expect(await detailsOf(body)).toEqual([{ field: 'items[0].quantity', rule }]);
  });

  it('T18h says of a text in place of a price that it is no number', async () => {
    expect(await detailsOf({ ...order, items: [{ ...line, cost: '19.99' }] })).toEqual([
      { field: 'items[0].cost', rule: 'must be a number' },
    ]);
  });

  it('converts nothing by guess', async () => {
    expect(await detailsOf({ ...order, first: { name: 'x', price: '1' } })).toEqual([
      { field: 'first.price', rule: 'must be a positive number' },
    ]);
  });

  it('names unknown fields, at any depth', async () => {
    const body = { ...order, status: 'paid', first: { ...line, extra: 1 } };
    expect(await detailsOf(body)).toEqual([
      { field: 'status', rule: 'is not a known field' },
      { field: 'first.extra', rule: 'is not a known field' },
    ]);
  });

  it.each([['text'], [null], [[1]], [undefined], [7], [true]])(
    'refuses %j in place of an object',
    async (body) => {
      expect((await refusalOf(body)).code).toBe('invalid_request');
    },
  );

  it('refuses a text or a number in place of a nested object', async () => {
    expect(await detailsOf({ ...order, items: ['x'], first: 5 })).toEqual([
      { field: 'items[0]', rule: 'must be an object' },
      { field: 'first', rule: 'must be an object' },
    ]);
  });

  it.each([
    [{ items: [[]] }, 'items[0]'],
    [{ items: [line, [line]] }, 'items[1]'],
    [{ first: [] }, 'first'],
    [{ first: [line] }, 'first'],
    [{ items: [null] }, 'items[0]'],
  ])('refuses %j, where an object belongs', async (part, field) => {
    expect(await detailsOf({ ...order, ...part })).toEqual([{ field, rule: 'must be an object' }]);
  });

  it('asks for a nested object that is missing', async () => {
    for (const first of [null, undefined]) {
      const rule = 'should not be null or undefined';
      expect(await detailsOf({ ...order, first })).toEqual([{ field: 'first', rule }]);
    }
  });

  it('refuses an object in place of a list', async () => {
    expect(await detailsOf({ ...order, items: line })).toEqual([{ field: 'items', rule: 'must be a list' }]);
  });

  it('tells 20 faults at most, and never a value', async () => {
    const items = Array.from({ length: 100 }, () => ({ name: 'canary-value\u0000', price: -4242 }));
    const refusal = await refusalOf({ ...order, items });
    expect(refusal.details).toHaveLength(20);
    expect(JSON.stringify(refusal.toBody())).not.toMatch(/canary-value|4242/);
  });

  it('cuts the name of an unknown field', async () => {
    const details = await detailsOf({ ...order, ['x'.repeat(5000)]: 1 });
    expect(details).toEqual([{ field: 'x'.repeat(100), rule: 'is not a known field' }]);
  });

  it('refuses what came over NATS nested too deeply', async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level += 1) deep = [deep];
    expect((await refusalOf({ ...order, deep })).message).toBe('the body is nested deeper than 32 levels');
  });

  it('leaves prototypes alone', async () => {
    const body: unknown = JSON.parse(`{"__proto__":{"admin":true},${JSON.stringify(order).slice(1)}`);
    const accepted = await new RequestPipe().transform(body, { type: 'body', metatype: OrderDto });
    expect(accepted).toEqual(order);
    expect(accepted).not.toHaveProperty('admin');
  });
});

describe('plain text', () => {
  it.each(['', '   ', 'x'.repeat(11), 'a\nb', 'a\u0000', 'a\u0085', 'a\u2028b', '\ud800', 5, null, ['a']])(
    'refuses %j',
    async (name) => {
      expect(await detailsOf({ ...order, first: { ...line, name } })).toEqual([
        { field: 'first.name', rule: 'must be one line of text of 1 to 10 characters' },
      ]);
    },
  );

  it.each(['x', '  x ', 'ñandú', '😀😀😀😀😀😀😀😀😀😀', '<b>&"\''])('takes %j', async (name) => {
    const body = { ...order, first: { ...line, name } };
    await expect(new RequestPipe().transform(body, { type: 'body', metatype: OrderDto })).resolves.toEqual(
      body,
    );
  });

  it('answers at once to a megabyte', async () => {
    expect(await detailsOf({ ...order, first: { ...line, name: 'é'.repeat(1_000_000) } })).toHaveLength(1);
  });
});

describe('metadata', () => {
  const twentyOne = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, 'v']));

  it.each([
    ['x', 'must be an object of texts'],
    [['x'], 'must be an object of texts'],
    [twentyOne, 'must have at most 20 keys'],
    [{ 'a b': 'x' }, 'must have keys of 1 to 40 letters, digits, dots, dashes or underscores'],
    [{ ['k'.repeat(41)]: 'x' }, 'must have keys of 1 to 40 letters, digits, dots, dashes or underscores'],
    [
      { orderId: 'x' },
      'must not hold orderId, orderIdType, paymentId, operationId, customerId, subscriptionId, setupId, installationId',
    ],
    [
      { orderIdType: 'number' },
      'must not hold orderId, orderIdType, paymentId, operationId, customerId, subscriptionId, setupId, installationId',
    ],
    [
      { setupId: 'x' },
      'must not hold orderId, orderIdType, paymentId, operationId, customerId, subscriptionId, setupId, installationId',
    ],
    [
      { paymentId: 'x' },
      'must not hold orderId, orderIdType, paymentId, operationId, customerId, subscriptionId, setupId, installationId',
    ],
    [
      { operationId: 'x' },
      'must not hold orderId, orderIdType, paymentId, operationId, customerId, subscriptionId, setupId, installationId',
    ],
    [{ a: 1 }, 'must hold only texts of at most 249 characters in one line'],
    [{ a: 'x'.repeat(250) }, 'must hold only texts of at most 249 characters in one line'],
    [{ a: 'x\u0000' }, 'must hold only texts of at most 249 characters in one line'],
    [{ a: { b: 'c' } }, 'must hold only texts of at most 249 characters in one line'],
  ])('%j is refused: %s', async (metadata, rule) => {
    expect(await detailsOf({ ...order, metadata })).toEqual([{ field: 'metadata', rule }]);
  });

  it('takes twenty short notes', async () => {
    const metadata = Object.fromEntries(Object.entries(twentyOne).slice(1));
    const body = { ...order, metadata };
    await expect(new RequestPipe().transform(body, { type: 'body', metatype: OrderDto })).resolves.toEqual(
      body,
    );
  });
});
