import { createLogger } from '../log/logger.ts';

/** The logger of an edge process. */
export const edgeLog = createLogger('edge');
