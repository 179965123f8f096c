import type { SystemView } from '../../../store/monitoring/system.ts';

export interface SystemReader {
  /** The state of the system, at most `SHARE_MS` old. Rejects while Redis is unavailable. */
  read(): Promise<SystemView>;
}

/** Requests within this time share one reading. */
const SHARE_MS = 900;

export function createSystemReader(read: () => Promise<SystemView>): SystemReader {
  let reading: Promise<SystemView> | undefined;
  let readAt = 0;
  return {
    read() {
      if (reading !== undefined && Date.now() - readAt < SHARE_MS) return reading;
      readAt = Date.now();
      const current = read();
      reading = current;
      current.catch(() => {
        if (reading === current) reading = undefined;
      });
      return current;
    },
  };
}
