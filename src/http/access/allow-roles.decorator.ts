import type { CustomDecorator } from '@nestjs/common';
import { withAccessRule } from './access.rule.js';
import type { Role } from './caller.js';

/** Only keys with one of these roles. */
export const AllowRoles = (...roles: readonly Role[]): CustomDecorator =>
  withAccessRule({ public: false, roles });
