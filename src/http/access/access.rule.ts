import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Role } from './caller.js';

/** Who may call a route. */
export interface AccessRule {
  /** Also those who show no key. */
  readonly public: boolean;
  readonly roles: readonly Role[];
}

export const ACCESS_RULE = 'http:access-rule';

/** What holds where nothing is said: a forgotten decorator must not open a route. */
export const CLOSED: AccessRule = { public: false, roles: ['service', 'operator'] };

const withAccessRule = (rule: AccessRule): CustomDecorator => SetMetadata(ACCESS_RULE, rule);

/** Only keys with one of these roles. */
export const AllowRoles = (...roles: readonly Role[]): CustomDecorator =>
  withAccessRule({ public: false, roles });

/**
 * Anybody may call, at most RATE_LIMIT times a minute from one address (webhooks and health: without limit).
 * A key that is shown all the same must be a known one.
 */
export const Public = (): CustomDecorator => withAccessRule({ public: true, roles: [] });
