import { readFileSync } from 'node:fs';
import { findAdminToken, readDashboardUrl } from '../addresses.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { RejectedRequest, request } from '../request.ts';

interface ContestView {
  readonly id: string;
  readonly title: string;
  readonly rule: string;
  readonly status: string;
}

/** `votewire contests`: lists, creates, changes and closes contests through the dashboard. */
export const command = defineCommand({
  positionals: 'list | create <json>|- | update <contest> <json> | close <contest>',
  description: `Lists contests, or creates, changes or closes one through the dashboard. "-" reads the JSON from standard input.
The admin token comes from ADMIN_TOKEN, or from DATA_DIR as npm start keeps it. Exit code 1: the dashboard rejected it.`,
  options: {
    dashboard: { type: 'string', value: '<url>', help: 'DASHBOARD_URL, or http://127.0.0.1:DASHBOARD_PORT' },
    json: { type: 'boolean', help: 'Print JSON' },
  },
  async run({ env, values, positionals, print, warn, signal }) {
    const { method, path, body } = readAction(positionals);
    const token = findAdminToken(env);
    try {
      const response = await request(`${readDashboardUrl(env, values.dashboard)}/api/contests${path}`, {
        ...{ method, signal },
        ...(body !== undefined && { body }),
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      });
      const view = (await response.json()) as { contests?: ContestView[] } & ContestView;
      if (values.json) print(JSON.stringify(view));
      else for (const contest of view.contests ?? [view]) print(describe(contest));
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof RejectedRequest)) throw error;
      warn(error.message);
      return EXIT.negative;
    }
  },
});

interface Action {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

function readAction([action, first, second, ...more]: readonly string[]): Action {
  if (action === 'list' && first === undefined) return { method: 'GET', path: '' };
  if (action === 'create' && first !== undefined && second === undefined)
    return { method: 'POST', path: '', body: readBody(first) };
  const path = `/${encodeURIComponent(first ?? '')}`;
  if (action === 'close' && first !== undefined && second === undefined)
    return { method: 'PATCH', path, body: '{"status":"closed"}' };
  if (action === 'update' && second !== undefined && more.length === 0)
    return { method: 'PATCH', path, body: readBody(second) };
  throw new UsageError('Expected list, create <json>, update <contest> <json> or close <contest>');
}

function readBody(text: string): string {
  return text === '-' ? readFileSync(0, 'utf8') : text;
}

function describe({ id, title, rule, status }: ContestView): string {
  return `${id.padEnd(24)} ${status.padEnd(10)} ${rule.padEnd(14)} ${title}`;
}
