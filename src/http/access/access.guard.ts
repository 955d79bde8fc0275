import {
  type CanActivate,
  type CustomDecorator,
  type ExecutionContext,
  Injectable,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { AccessSettings, type ApiKey } from '../../config/settings.js';
import { ServiceError } from '../../kernel/errors.js';
import { type Caller, OPEN_CALLER, PUBLIC_CALLER, rememberCaller, type Role } from './caller.js';

interface AccessRule {
  /** Also those who show no key. */
  readonly public: boolean;
  readonly roles: readonly Role[];
}

const ACCESS_RULE = 'http:access-rule';

/** A forgotten decorator must not open a route. */
const CLOSED: AccessRule = { public: false, roles: ['service', 'operator'] };

export const AllowRoles = (...roles: readonly Role[]): CustomDecorator =>
  SetMetadata(ACCESS_RULE, { public: false, roles } satisfies AccessRule);

/** Anybody may call, within RATE_LIMIT (webhooks and health: without). A key that is shown must be a known one. */
export const Public = (): CustomDecorator =>
  SetMetadata(ACCESS_RULE, { public: true, roles: [] } satisfies AccessRule);

/** Lets a request through to its handler, and remembers who asks. NATS callers are trusted. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly access: AccessSettings,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    refuseKeyInUrl(request.query);
    const caller = this.identify(request);
    const places = [context.getHandler(), context.getClass()];
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, places) ?? CLOSED;
    admit(caller, rule, request.method);
    rememberCaller(request, caller);
    return true;
  }

  private identify(request: FastifyRequest): Caller {
    if (this.access.apiKeys.length === 0) return OPEN_CALLER;
    const key = keyOf(this.access.apiKeys, request.headers.authorization);
    if (key === 'none') return PUBLIC_CALLER;
    if (key === 'unknown') throw new ServiceError('unauthorized', 'the API key is not known');
    return { name: key.name, group: key.group, roles: [key.role], public: false };
  }
}

/** @throws ServiceError unauthorized without a key, forbidden with one of another role. */
function admit(caller: Caller, rule: AccessRule, method: string): void {
  // A viewer's key reads, also where anybody may act.
  const isViewer = caller.roles.length === 1 && caller.roles[0] === 'viewer';
  if (rule.public && isViewer && method !== 'GET' && method !== 'HEAD')
    throw new ServiceError('forbidden', 'a key with the role viewer only reads');
  if (rule.public) return;
  if (caller.public) throw new ServiceError('unauthorized', 'an API key is required');
  if (!rule.roles.some((role) => caller.roles.includes(role))) {
    throw new ServiceError('forbidden', `this needs a key with the role ${rule.roles.join(' or ')}`);
  }
}

/** Where keys are put by mistake; a URL ends up in logs and histories. */
const URL_PARAMETERS = ['key', 'api_key', 'apikey', 'access_token'];

/** Whose key `Authorization: Bearer …` shows; `none` for an absent header or another scheme. */
export function keyOf(keys: readonly ApiKey[], authorization = ''): ApiKey | 'none' | 'unknown' {
  if (!/^Bearer\b/i.test(authorization)) return 'none';
  const [, presented = ''] = /^Bearer {1,8}(\S{1,512})$/i.exec(authorization) ?? [];
  const hash = createHash('sha256').update(presented).digest();
  // All of them are compared, each in constant time.
  return keys.filter((key) => timingSafeEqual(key.hash, hash)).at(-1) ?? 'unknown';
}

/** @throws ServiceError unauthorized when a key (or what looks like one) is in the URL. */
function refuseKeyInUrl(query: unknown): void {
  if (typeof query !== 'object' || query === null) return;
  const names = Object.keys(query).map((name) => name.toLowerCase());
  if (names.some((name) => URL_PARAMETERS.includes(name))) {
    throw new ServiceError('unauthorized', 'a key belongs into the Authorization header, never into the URL');
  }
}
