import * as receivers from '../receiver.fixture.js';

export type { Receipt, Receiver } from '../receiver.fixture.js';

export const newReceiver = (): Promise<receivers.Receiver> => receivers.newReceiver('stripe-signature');
