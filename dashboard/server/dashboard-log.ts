import { createLogger } from '../../log/logger.ts';

/** The logger of a dashboard process. */
export const dashboardLog = createLogger('dashboard');
