import { readFileSync } from 'node:fs';
import { findAdminToken, readDashboardUrl } from '../addresses.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { request } from '../request.ts';

interface ContestView {
  readonly id: string;
  readonly title: string;
  readonly rule: string;
  readonly status: string;
}

interface AuditItem {
  readonly at: string;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly changes: readonly { readonly field: string; readonly from: string | null; readonly to: string | null }[];
}

const FORMS = [
  'list',
  'create <json>|-',
  'update <contest> <json>|-',
  'open|pause|close <contest>',
  'duplicate <contest> <new id>',
  'reset <contest> --confirm <contest>',
  'delete <contest> --confirm <contest> [--log keep|delete]',
  'audit [<contest>]',
];

/** `votewire contests`: manages contests through the dashboard. */
export const command = defineCommand({
  positionals: FORMS,
  description: `Lists contests, or creates, changes or deletes one through the dashboard. "-" reads the JSON from standard input.
open also ends a pause and reopens a closed contest; reset removes counts and voters; delete removes the contest. The log
keeps the votes in both cases, unless --log delete removes those of a deleted contest for good.
The admin token comes from ADMIN_TOKEN, or from DATA_DIR, where npm start keeps it. Exit code 1: the dashboard rejected
the request.`,
  options: {
    dashboard: { type: 'string', value: '<url>', help: 'DASHBOARD_URL, or http://127.0.0.1:DASHBOARD_PORT' },
    confirm: { type: 'string', value: '<contest>', help: 'The same contest id, required for reset and delete' },
    log: {
      type: 'string',
      value: 'keep|delete',
      help: 'For delete: keep its votes in the log (default) or delete them',
    },
    json: { type: 'boolean', help: 'Print JSON' },
  },
  async run({ env, values, positionals, print, signal }) {
    const actions = readActions(positionals, values);
    const token = findAdminToken(env);
    const api = `${readDashboardUrl(env, values.dashboard)}/api`;
    let answer: unknown;
    for (const action of actions) {
      const { method = 'GET', path, body } = typeof action === 'function' ? action(answer) : action;
      const response = await request(`${api}${path}`, {
        ...{ method, signal },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      });
      answer = await response.json();
    }
    for (const line of values.json ? [JSON.stringify(answer)] : describe(answer)) print(line);
    return EXIT.ok;
  },
});

interface Action {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Requests in order; a function receives the answer to the previous request and returns the next one. */
type Actions = readonly (Action | ((answer: unknown) => Action))[];

const STATUSES: Readonly<Record<string, string>> = { open: 'open', pause: 'paused', close: 'closed' };

function readActions(
  [action = '', first, second, ...more]: readonly string[],
  { confirm, log }: { readonly confirm?: string | undefined; readonly log?: string | undefined },
): Actions {
  if (log !== undefined && (action !== 'delete' || (log !== 'keep' && log !== 'delete'))) {
    throw new UsageError(`--log must be keep or delete, and is valid for delete only; got "${log}" for ${action}`);
  }
  const given = [first, second, ...more].filter((text) => text !== undefined).length;
  const path = `/contests/${encodeURIComponent(first ?? '')}`;
  const form = `${action} ${given}`;
  const status = STATUSES[action];
  if (form === 'list 0') return [{ path: '/contests' }];
  if (form === 'audit 0') return [{ path: '/audit' }];
  if (form === 'audit 1') return [{ path: `/audit?subject=${encodeURIComponent(first ?? '')}` }];
  if (form === 'create 1') return [{ method: 'POST', path: '/contests', body: readBody(first) }];
  if (form === 'update 2') return [{ method: 'PATCH', path, body: readBody(second) }];
  if (status !== undefined && given === 1) return [{ method: 'PATCH', path, body: { status } }];
  if (form === 'duplicate 2') return [{ path }, (original) => copyOf(original, second)];
  if (form === 'reset 1') return [{ method: 'POST', path: `${path}/reset`, body: { confirm: confirm ?? '' } }];
  if (form === 'delete 1') {
    const query = new URLSearchParams({ confirm: confirm ?? '', log: log ?? 'keep' });
    return [{ method: 'DELETE', path: `${path}?${query}` }];
  }
  throw new UsageError(
    action === ''
      ? 'Expected an action'
      : `Unknown action, or wrong arguments: ${[action, first, second, ...more].filter((word) => word !== undefined).join(' ')}`,
  );
}

/** Leaves out the times, which may have passed. */
function copyOf(original: unknown, id: string | undefined): Action {
  const { title, rule, options, hidden, browsersOnly } = original as Record<string, unknown>;
  return { method: 'POST', path: '/contests', body: { id, title, rule, options, hidden, browsersOnly } };
}

function readBody(text: string | undefined): string {
  return text === '-' ? readFileSync(0, 'utf8') : (text ?? '');
}

function describe(answer: unknown): string[] {
  const { contests, items, deleted, log, ...contest } = answer as {
    contests?: ContestView[];
    items?: AuditItem[];
    deleted?: string;
    log?: 'kept' | 'deleted';
  } & ContestView;
  if (items !== undefined) return items.map(describeChange);
  if (deleted !== undefined) {
    const fate = log === 'deleted' ? 'are deleted from the log as well' : 'stay in the log';
    return [`Deleted ${deleted}. Its votes ${fate}.`];
  }
  return (contests ?? [contest]).map(
    ({ id, title, rule, status }) => `${id.padEnd(24)} ${status.padEnd(10)} ${rule.padEnd(14)} ${title}`,
  );
}

function describeChange({ at, who, action, subject, changes }: AuditItem): string {
  const details = changes.map(({ field, from, to }) => `${field}: ${from ?? 'none'} -> ${to ?? 'none'}`).join('; ');
  return `${at} ${who.padEnd(12)} ${action.padEnd(16)} ${subject.padEnd(24)} ${details}`.trimEnd();
}
