import { createLogger } from '../log/logger.ts';

/** The logger of the store, whichever process uses it. */
export const storeLog = createLogger('store');
