import { createLogger } from '../../log/logger.ts';

export const dashboardLog = createLogger('dashboard');
