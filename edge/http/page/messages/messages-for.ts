import { accepts } from 'hono/accepts';
import type { EdgeContext } from '../../edge-env.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import type { Messages } from './messages.ts';

const CATALOGS: readonly Messages[] = [en, es];

/** The catalog of the browser's preferred language; English if that language has no catalog. */
export function messagesFor(c: EdgeContext): Messages {
  const language = accepts(c, {
    header: 'Accept-Language',
    supports: CATALOGS.map((catalog) => catalog.language),
    default: en.language,
    // Regional variants share a catalog: es-GT and es-MX use es.
    match: (accepted, { supports, default: fallback }) => {
      const wanted = [...accepted].sort((a, b) => b.q - a.q).map(({ type }) => type.toLowerCase().split('-')[0]);
      return wanted.find((type) => type !== undefined && supports.includes(type)) ?? fallback;
    },
  });
  return CATALOGS.find((catalog) => catalog.language === language) ?? en;
}
