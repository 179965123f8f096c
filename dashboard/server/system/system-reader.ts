import type { SystemView } from '../../../store/monitoring/system.ts';
import type { SystemReading } from '../../api/system.ts';

export interface SystemReader {
  /** The state of the system, at most `SHARE_MS` old when asked for. Rejects while Redis is unavailable. */
  read(): Promise<SystemReading>;
}

/** Requests within this time share one reading. */
const SHARE_MS = 300;

export function createSystemReader(read: () => Promise<SystemView>): SystemReader {
  let current: { readonly at: number; readonly view: Promise<SystemView> } | undefined;
  return {
    async read() {
      if (current === undefined || performance.now() - current.at > SHARE_MS) {
        const own = { at: performance.now(), view: read() };
        current = own;
        own.view.catch(() => {
          if (current === own) current = undefined;
        });
      }
      const { at, view } = current;
      return { ...(await view), ageMs: Math.round(performance.now() - at) };
    },
  };
}
