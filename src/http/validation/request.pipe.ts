import { type ArgumentMetadata, Injectable, type ValidationError, ValidationPipe } from '@nestjs/common';
import { getMetadataStorage, ValidationTypes, type ValidatorOptions } from 'class-validator';
import { type FieldFault, invalidField, ServiceError } from '../../kernel/errors.js';
import { withoutPrototypeKeys } from '../body/body.parsers.js';
import { isPlain } from './text.rules.js';

/** Validates every DTO, over HTTP and NATS. @throws ServiceError invalid_request with up to 20 `{field, rule}` */
@Injectable()
export class RequestPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      transformOptions: { enableImplicitConversion: false },
      // Of all that is broken, firstFault chooses.
      stopAtFirstError: false,
      validationError: { target: false, value: false },
      exceptionFactory: (errors) => {
        const faults = fieldFaults(errors).slice(0, MAX_FAULTS);
        const first = faults[0];
        const message = first === undefined ? 'the request is not valid' : `${first.field} ${first.rule}`;
        return new ServiceError('invalid_request', message, faults);
      },
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'param') return assertNames(value);
    if (metadata.type === 'body' && !ArrayBuffer.isView(value)) {
      assertListsFit(value, metadata.metatype);
      // What came over NATS has not passed our own parser.
      withoutPrototypeKeys(value);
    }
    return withoutNulls(await super.transform(value, metadata));
  }

  protected override async validate(object: object, options?: ValidatorOptions): Promise<ValidationError[]> {
    const misshapen = misshapenNested(object);
    return misshapen.length > 0 ? misshapen : super.validate(object, options);
  }
}

/** The longest id of a thing that a path names; providers' plans have up to 250 characters. */
const MAX_ID = 250;

/** What a path names. Text that nothing can be called is no id. @throws ServiceError not_found */
function assertNames(id: unknown): unknown {
  if (typeof id === 'string' && id.length <= MAX_ID && isPlain(id)) return id;
  throw new ServiceError('not_found', 'nothing has this id');
}

/** Validating a list that is too long takes seconds for what fits one body. @throws ServiceError invalid_request */
function assertListsFit(body: unknown, dto: ArgumentMetadata['metatype']): void {
  if (typeof body !== 'object' || body === null || dto === undefined) return;
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const nested = new Set(rules.filter(isNested).map(({ propertyName }) => propertyName));
  for (const { name, propertyName, constraints } of rules) {
    if (name !== 'arrayMaxSize' || !nested.has(propertyName)) continue;
    const list: unknown = Reflect.get(body, propertyName);
    const most = Number(constraints[0]);
    if (Array.isArray(list) && list.length > most)
      throw invalidField(propertyName, `must hold at most ${most} lines`);
  }
}

function isNested({ type }: { type: string }): boolean {
  return type === ValidationTypes.NESTED_VALIDATION;
}

const MAX_FAULTS = 20;

/** A field's name comes from the request, so it is cut before it is repeated. */
const MAX_FIELD_LENGTH = 100;

/** class-validator's tree as a flat list of paths such as `items[0].price`. */
function fieldFaults(errors: readonly ValidationError[], parent = ''): FieldFault[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const path = pathOf(parent, property);
    const field = path.slice(0, MAX_FIELD_LENGTH);
    const fault = firstFault(constraints);
    const own = fault === undefined ? [] : [{ field, rule: ruleOf(...fault, property) }];
    return [...own, ...fieldFaults(children, path)];
  });
}

/** A text in place of a number is told that it is none, not that it is too small. */
const OF_THE_TYPE = ['isInt', 'isNumber', 'isString', 'isArray', 'isBoolean'];

/** One rule for each field, though it may break several: the one of its type, else the first. */
function firstFault(constraints: Record<string, string>): [name: string, message: string] | undefined {
  const broken = Object.entries(constraints);
  return broken.find(([name]) => OF_THE_TYPE.includes(name)) ?? broken[0];
}

function pathOf(parent: string, property: string): string {
  if (/^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent === '' ? property : `${parent}.${property}`;
}

/** The message without the field's name, which stands beside it. */
function ruleOf(name: string, message: string, property: string): string {
  if (name === 'whitelistValidation') return 'is not a known field';
  if (name === 'nestedValidation') return 'must be an object or a list of objects';
  if (message.startsWith('Validation failed')) return 'must be an object';
  if (message.startsWith(`${property} `)) return message.slice(property.length + 1);
  return message.replace(`each value in ${property} `, 'each value ');
}

/** Lists where an object belongs, and the reverse: to class-validator `[]` is an object, `[[]]` a list of them. */
function misshapenNested(entity: object): ValidationError[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(entity.constructor, '', false, false);
  return rules.filter(isNested).flatMap(({ propertyName, each }) => {
    const value: unknown = Reflect.get(entity, propertyName);
    // Whether it may be absent is for its other rules to say.
    if (value === undefined || value === null) return [];
    return faultsOf(propertyName, value, each);
  });
}

function faultsOf(property: string, value: unknown, each: boolean): ValidationError[] {
  if (!each) return shapeOf(property, value);
  if (!Array.isArray(value)) return [{ property, constraints: { shape: 'must be a list' } }];
  const children = value.flatMap((item: unknown, index) => shapeOf(String(index), item));
  return children.length === 0 ? [] : [{ property, children }];
}

function shapeOf(property: string, value: unknown): ValidationError[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ property, constraints: { shape: 'must be an object' } }];
  }
  const children = misshapenNested(value);
  return children.length === 0 ? [] : [{ property, children }];
}

const MEANT = 'http:null-is-a-value';

/** Null says something here that its absence does not. Everywhere else `null` counts as absent. */
export const NullIsAValue = (): PropertyDecorator => Reflect.metadata(MEANT, true);

/** Deletes, in place, the nulls of a DTO and those within: validation lets null through where a field may be absent. */
function withoutNulls(dto: unknown): unknown {
  if (Array.isArray(dto)) for (const item of dto) withoutNulls(item);
  if (typeof dto !== 'object' || dto === null || !isInstance(dto)) return dto;
  for (const [name, value] of Object.entries(dto)) {
    if (value !== null) withoutNulls(value);
    else if (Reflect.getMetadata(MEANT, dto, name) !== true) Reflect.deleteProperty(dto, name);
  }
  return dto;
}

/** Not metadata, whose keys are the caller's, nor bytes. */
function isInstance(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null && !ArrayBuffer.isView(value);
}
