import { Injectable } from '@nestjs/common';
import { ReturnUrlSettings, ServiceSettings } from '../config/settings.js';
import { invalidField } from '../kernel/errors.js';

/** Where a request may send a browser: our own origin, those of the configured pages, and REDIRECT_ORIGINS. */
@Injectable()
export class AllowedOrigins {
  private readonly allowed: ReadonlySet<string>;

  constructor(pages: ReturnUrlSettings, service: ServiceSettings) {
    const configured = [...Object.values(pages.success), ...Object.values(pages.cancel), service.publicUrl];
    this.allowed = new Set([...configured.map((url) => new URL(url).origin), ...service.redirectOrigins]);
  }

  /** @throws ServiceError invalid_request when a browser would be sent to an origin that nobody allowed. */
  check(url: string | undefined, field: string): string | undefined {
    if (url === undefined) return undefined;
    if (!/^https?:\/\/[^\s\\]+$/i.test(url) || !URL.canParse(url)) {
      throw invalidField(field, 'must be an absolute http or https URL');
    }
    const parsed = new URL(url);
    if (parsed.username !== '' || parsed.password !== '')
      throw invalidField(field, 'must not carry a user or password');
    if (!this.allowed.has(parsed.origin)) {
      throw invalidField(field, 'must be at an allowed origin (REDIRECT_ORIGINS)');
    }
    return url;
  }
}
