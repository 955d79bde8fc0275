import type { Socket } from 'node:net';

/** What is done to the bytes now; changed while connections are open. */
export interface Line {
  delayMs: number;
  swallows: boolean;
  /** Bytes taken from either side so far, forwarded or not. */
  bytesTaken: number;
}

/** Forwards one direction of a connection as the line says, and ends the other side when this one ends. */
export function relay(from: Socket, to: Socket, line: Line): void {
  // One after the other, so that a chunk behind a shorter delay never overtakes.
  let before = Promise.resolve();
  const later = (act: () => void): void => {
    const due = Date.now() + line.delayMs;
    before = before.then(async () => {
      await until(due);
      act();
    });
  };
  from.on('data', (chunk: Buffer) => {
    line.bytesTaken += chunk.length;
    if (line.swallows) return;
    later(() => {
      if (line.swallows || to.destroyed) return;
      const hasRoom = to.write(chunk);
      if (!hasRoom) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
  });
  from.once('end', () => {
    if (!line.swallows) later(() => void to.end());
  });
  from.once('close', (hadError) => {
    if (line.swallows) return;
    if (hadError || !from.readableEnded) to.resetAndDestroy();
  });
}

function until(due: number): Promise<void> {
  const wait = due - Date.now();
  return wait > 0 ? new Promise((resolve) => setTimeout(resolve, wait)) : Promise.resolve();
}
