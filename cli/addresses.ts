import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Env, readInteger, readSecret, readText } from '../config/env.ts';
import { UsageError } from './command.ts';

/** The edge's address without a trailing slash: `--edge`, EDGE_URL, or PORT of this machine. */
export function readEdgeUrl(env: Env, option?: string): string {
  const port = readInteger(env, 'PORT', { fallback: 8080, min: 1, max: 65_535 });
  return checkUrl('--edge or EDGE_URL', option ?? readText(env, 'EDGE_URL', `http://127.0.0.1:${port}`));
}

/**
 * The dashboard's address without a trailing slash: `--dashboard`, DASHBOARD_URL, or DASHBOARD_PORT of this machine.
 */
export function readDashboardUrl(env: Env, option?: string): string {
  const port = readInteger(env, 'DASHBOARD_PORT', { fallback: 8090, min: 1, max: 65_535 });
  return checkUrl('--dashboard or DASHBOARD_URL', option ?? readText(env, 'DASHBOARD_URL', `http://127.0.0.1:${port}`));
}

/** The admin token: ADMIN_TOKEN, or the one that `npm start` keeps in DATA_DIR; undefined if there is none. */
export function findAdminToken(env: Env): string | undefined {
  const token = readSecret(env, 'ADMIN_TOKEN');
  if (token !== undefined) return token;
  try {
    return readFileSync(join(readText(env, 'DATA_DIR', './data'), 'admin-token'), 'utf8').trim();
  } catch {
    // For a request without a token, the server's answer explains what is missing.
    return undefined;
  }
}

/** A token that may read the log: READ_TOKEN, or else the admin token. */
export function findLogToken(env: Env): string | undefined {
  return readSecret(env, 'READ_TOKEN') ?? findAdminToken(env);
}

function checkUrl(name: string, url: string): string {
  if (/^https?:\/\/[^/?#]+\/?$/.test(url) && URL.canParse(url)) return url.replace(/\/$/, '');
  throw new UsageError(`${name} must be http://host[:port]; got "${url}"`);
}
