import { fileURLToPath } from 'node:url';

/** Where `npm run build:web` puts the pages. */
export const pagesFolder = fileURLToPath(new URL('../../web/dist', import.meta.url));
