import { type ArgumentMetadata, Injectable, type ValidationError, ValidationPipe } from '@nestjs/common';
import type { ValidatorOptions } from 'class-validator';
import { ServiceError } from '../kernel/errors.js';
import { withoutPrototypeKeys } from './body/json.body.js';
import { toFieldFaults } from './validation/field.faults.js';
import { withoutNulls } from './validation/null.values.js';
import { isPlain } from './validation/plain-text.rule.js';
import { misshapenNested } from './validation/nested.shape.js';

/**
 * Validates every DTO, over HTTP and NATS: unknown fields are refused, nothing is converted by guess.
 * @throws ServiceError invalid_request with up to 20 `{field, rule}`
 */
@Injectable()
export class RequestPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      transformOptions: { enableImplicitConversion: false },
      // What is told is chosen among all that is broken, see field.faults.
      stopAtFirstError: false,
      validationError: { target: false, value: false },
      exceptionFactory: (errors) => {
        const faults = toFieldFaults(errors);
        const first = faults[0];
        const message = first === undefined ? 'the request is not valid' : `${first.field} ${first.rule}`;
        return new ServiceError('invalid_request', message, faults);
      },
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'param') return assertNames(value);
    // What came over NATS has not passed our own parser.
    if (metadata.type === 'body' && !ArrayBuffer.isView(value)) withoutPrototypeKeys(value);
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
