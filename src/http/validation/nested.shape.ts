import type { ValidationError } from '@nestjs/common';
import { getMetadataStorage, ValidationTypes } from 'class-validator';

/**
 * Finds lists where an object belongs, and the reverse. class-validator looks through them: to it, `[]` is a
 * valid nested object and `[[]]` a valid list of objects.
 */
export function misshapenNested(entity: object): ValidationError[] {
  const storage = getMetadataStorage();
  const nested = storage
    .getTargetValidationMetadatas(entity.constructor, '', false, false)
    .filter((metadata) => metadata.type === ValidationTypes.NESTED_VALIDATION);
  return nested.flatMap(({ propertyName, each }) => {
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
