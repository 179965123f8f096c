import { createLogger } from '../log/logger.ts';

/** The logger of the store in every process. */
export const storeLog = createLogger('store');
