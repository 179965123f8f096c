import { Child } from '../../support/child.ts';
import { waitFor } from '../../support/wait-for.ts';
import { ADMIN_TOKEN, type System } from '../system/system.ts';

/** The result of an operator's command. */
export interface CommandOutcome {
  readonly code: number | null;
  readonly output: string;
}

const COMMAND_MS = 60_000;

/** Runs `votewire <command> <args>` against the system. */
export async function runCommand(system: System, command: string, ...args: string[]): Promise<CommandOutcome> {
  await using child = new Child({
    name: `${command} ${args.join(' ')}`,
    command: [process.execPath, 'cli/main.ts', command, ...args],
    env: system.env,
  });
  child.start();
  const late = setTimeout(() => child.signal('SIGKILL'), COMMAND_MS);
  const code = await child.ended();
  clearTimeout(late);
  return { code, output: child.output };
}

/** Sends a request to the dashboard's API for contests. */
export async function changeContest(
  system: System,
  method: 'POST' | 'PATCH',
  id: string,
  body: Readonly<Record<string, unknown>>,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${system.dashboardUrl}/api/contests${method === 'POST' ? '' : `/${id}`}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` },
    body: JSON.stringify(method === 'POST' ? { id, ...body } : body),
  });
  return { status: response.status, text: await response.text() };
}

/** Creates a contest with the options yes and no, and waits until every edge has it. */
export async function createContest(
  system: System,
  id: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const options = [{ id: 'yes' }, { id: 'no' }];
  const body = { title: id, rule: 'one-per-voter', options, opensAt: null, closesAt: null, ...fields };
  const { status, text } = await changeContest(system, 'POST', id, body);
  if (status !== 201) throw new Error(`The contest ${id} could not be created: ${status} ${text}`);
  const isThere = async () => {
    const answers = await Promise.all(system.edgeUrls.map((url) => fetch(`${url}/v1/contests/${id}`)));
    return answers.every(({ ok }) => ok);
  };
  await waitFor(isThere, { what: `every edge has the contest ${id}` });
}

/** Casts a vote and waits until it is counted. */
export async function castAndWait(
  url: string,
  vote: Readonly<Record<string, unknown>>,
): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
  const response = await fetch(`${url}/v1/votes?wait=counted`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(vote),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
