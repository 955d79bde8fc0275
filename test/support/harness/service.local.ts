import { startApp } from '../../../src/app.js';
import { serviceEnvironment, type ServiceSurroundings } from './service.environment.js';

export interface LocalService {
  readonly url: string;
  stop(): Promise<void>;
}

/** The service inside this process, from the sources: for tests that neither kill it nor want two. */
export async function startLocalService(
  surroundings: ServiceSurroundings,
  env: Record<string, string> = {},
): Promise<LocalService> {
  const quiet = { LOG_LEVEL: 'silent', ...env };
  const { app, url } = await startApp(serviceEnvironment(surroundings, quiet));
  return { url, stop: () => app.close() };
}
