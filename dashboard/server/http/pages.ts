import { fileURLToPath } from 'node:url';

/** The output folder of `npm run build:web`. */
export const pagesFolder = fileURLToPath(new URL('../../web/dist', import.meta.url));
