import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { webhookKeyVariable } from '../../config/env.rules.js';
import { EnvironmentFaults } from '../../config/environment.js';
import { isDatabaseUnavailable } from '../../database/sql.errors.js';
import { describeError } from '../../kernel/errors.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { WebhookKeyReader } from './webhook.key.reader.js';

/**
 * A provider that nobody can verify the webhooks of would never be believed a payment: the service does not start
 * with one. Only the database knows the keys of registered endpoints, so that this is no rule of the environment.
 */
@Injectable()
export class WebhookKeysCheck implements OnModuleInit {
  private readonly logger = new Logger(WebhookKeysCheck.name);

  constructor(
    private readonly providers: ProviderRegistry,
    private readonly reader: WebhookKeyReader,
  ) {}

  /** Before any worker begins. @throws EnvironmentFaults naming the variable of each provider without a key. */
  async onModuleInit(): Promise<void> {
    const faults: string[] = [];
    for (const provider of this.providers.all) {
      if (!provider.hasWebhookKeys && !(await this.hasRegisteredKey(provider)))
        faults.push(faultOf(provider.name));
    }
    if (faults.length > 0) throw new EnvironmentFaults(faults);
  }

  /** True in doubt. */
  private async hasRegisteredKey({ name, livemode }: PaymentProvider): Promise<boolean> {
    try {
      return (await this.reader.usable(name)).some((key) => key.livemode === livemode);
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      this.logger.warn(`whether ${name} has a webhook key is not known: ${describeError(error)}`);
      return true;
    }
  }
}

function faultOf(provider: string): string {
  const variable = webhookKeyVariable(provider);
  return (
    `${variable} is missing, and no endpoint of ${provider} is registered: its webhooks cannot be verified. ` +
    `Set it, or register one: npm run cli -- endpoints register --provider ${provider}`
  );
}
