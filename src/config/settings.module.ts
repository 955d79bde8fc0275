import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv as parseDotenv } from 'node:util';
import { type Environment, parseEnvironment } from './environment.js';
import { type Settings, SLICES } from './settings.js';

/** @param environment replaces the process's own variables and `.env` (tests). @throws EnvironmentFaults */
export function readSettings(environment?: Environment): Settings {
  if (environment !== undefined) return parseEnvironment(environment);
  const file = existsSync('.env') ? parseDotenv(readFileSync('.env', 'utf8')) : {};
  return parseEnvironment({ ...file, ...process.env });
}

@Module({})
export class SettingsModule {
  /** As {@link readSettings}. */
  static register(environment?: Environment): DynamicModule {
    const providers: Provider[] = Object.entries(SLICES).map(([name, slice]) => ({
      provide: slice,
      inject: [ConfigService],
      useFactory: (config: ConfigService) => config.getOrThrow(name),
    }));
    return {
      module: SettingsModule,
      global: true,
      imports: [
        ConfigModule.forRoot({ ignoreEnvFile: true, validate: () => ({ ...readSettings(environment) }) }),
      ],
      providers,
      exports: providers,
    };
  }
}
