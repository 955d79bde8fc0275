import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { startOrders } from './orders.app.js';
import { readSettings } from './orders.settings.js';

const app = await startOrders(readSettings(process.env));
new Logger('Orders').log(`Orders service listening on ${await app.getUrl()}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  // A first connection that is still being waited for would keep the process alive: hence the exit.
  process.once(signal, () => void app.close().finally(() => process.exit(0)));
}
