import { Injectable } from '@nestjs/common';

/** Tells the senders of this process that a transaction with messages was committed. */
@Injectable()
export class OutboxSignal {
  private readonly listeners: (() => void)[] = [];

  onWake(listener: () => void): void {
    this.listeners.push(listener);
  }

  wake(): void {
    for (const listener of this.listeners) listener();
  }
}
