import type { CustomDecorator } from '@nestjs/common';
import { withAccessRule } from './access.rule.js';

/**
 * Anybody may call, at most RATE_LIMIT times a minute from one address (webhooks and health: without limit).
 * A key that is shown all the same must be a known one.
 */
export const Public = (): CustomDecorator => withAccessRule({ public: true, roles: [] });
