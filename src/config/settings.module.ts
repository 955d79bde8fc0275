import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv as parseDotenv } from 'node:util';
import { type Environment, parseEnvironment } from './environment.js';
import {
  AccessSettings,
  CardFormSettings,
  ConektaSettings,
  EncryptionSettings,
  NatsSettings,
  OrdersSettings,
  ReturnUrlSettings,
  RoutingSettings,
  ServiceSettings,
  type Settings,
  StoreSettings,
  StripeSettings,
  SubscriptionSettings,
} from './settings.js';

const SLICES: readonly [Type<object>, keyof Settings][] = [
  [ServiceSettings, 'service'],
  [StoreSettings, 'stores'],
  [NatsSettings, 'nats'],
  [OrdersSettings, 'orders'],
  [ReturnUrlSettings, 'returnUrls'],
  [StripeSettings, 'stripe'],
  [ConektaSettings, 'conekta'],
  [RoutingSettings, 'routing'],
  [AccessSettings, 'access'],
  [EncryptionSettings, 'encryption'],
  [SubscriptionSettings, 'subscriptions'],
  [CardFormSettings, 'cardForm'],
];

/**
 * The settings, for what has to be known before the application is made.
 * @param environment replaces the process's own variables and `.env` (tests).
 * @throws EnvironmentFaults
 */
export function readSettings(environment?: Environment): Settings {
  if (environment !== undefined) return parseEnvironment(environment);
  const file = existsSync('.env') ? parseDotenv(readFileSync('.env', 'utf8')) : {};
  return parseEnvironment({ ...file, ...process.env });
}

/** Reads `.env` and the environment once and offers each slice by its class. */
@Module({})
export class SettingsModule {
  /**
   * @param environment replaces the process's own variables and `.env` (tests).
   * @throws EnvironmentFaults
   */
  static register(environment?: Environment): DynamicModule {
    const providers: Provider[] = SLICES.map(([slice, key]) => ({
      provide: slice,
      inject: [ConfigService],
      useFactory: (config: ConfigService) => config.getOrThrow(key),
    }));
    return {
      module: SettingsModule,
      global: true,
      imports: [
        ConfigModule.forRoot({
          ignoreEnvFile: true,
          validate: () => ({ ...readSettings(environment) }),
        }),
      ],
      providers,
      exports: providers,
    };
  }
}
