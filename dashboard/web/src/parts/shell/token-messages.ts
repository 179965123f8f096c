import type { ProblemView } from '../../../../api/problem.ts';

/** The purpose of a token. */
export type TokenKind = 'admin' | 'log';

/** The texts of a token form. Words between backticks are shown as code. */
export interface TokenMessages {
  readonly language: string;
  readonly submit: string;
  readonly label: Readonly<Record<TokenKind, string>>;
  /** Where to find the token and how long it is kept. */
  readonly help: Readonly<Record<TokenKind, string>>;
  readonly problem: (problem: ProblemView) => string;
}

const en: TokenMessages = {
  language: 'en',
  submit: 'Use token',
  label: { admin: 'Admin token', log: 'Token for the log' },
  help: {
    admin:
      'The value of ADMIN_TOKEN (`npm start` creates one in data/admin-token). It is kept until this tab is closed.',
    log: 'The value of READ_TOKEN, or an admin token (`npm start` creates one in data/admin-token). This browser can read the log until it is closed, for twelve hours at most.',
  },
  problem: ({ detail }) => detail,
};

const PROBLEMS_ES: Readonly<Record<string, string>> = {
  unauthenticated: 'Hace falta un token válido: falta, no es correcto o ha caducado.',
  forbidden: 'Este token no lo permite.',
  rate_limited: 'Demasiados tokens incorrectos desde esta dirección; inténtelo de nuevo en un minuto.',
  unreachable: 'No se puede conectar con el servidor; reintentando.',
};

const es: TokenMessages = {
  language: 'es',
  submit: 'Usar token',
  label: { admin: 'Token de administración', log: 'Token del registro' },
  help: {
    admin:
      'El valor de ADMIN_TOKEN (`npm start` crea uno en data/admin-token). Se guarda hasta que se cierre esta pestaña.',
    log: 'El valor de READ_TOKEN o un token de administración (`npm start` crea uno en data/admin-token). Este navegador puede leer el registro hasta que se cierre, durante doce horas como máximo.',
  },
  problem: ({ code, detail }) => PROBLEMS_ES[code] ?? detail,
};

/** The texts in the first of the reader's languages that is translated; English if none is. */
export function tokenMessages(languages: readonly string[]): TokenMessages {
  const wanted = languages.map((language) => language.toLowerCase().split('-')[0]);
  const found = wanted.find((language) => language === 'en' || language === 'es');
  return found === 'es' ? es : en;
}
