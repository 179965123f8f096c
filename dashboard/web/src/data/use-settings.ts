import { useEffect, useState } from 'preact/hooks';
import type { ContestView } from '../../../api/contests.ts';
import type { Settings } from '../../../api/settings.ts';
import { fetchJson } from './fetch-json.ts';

let known: Promise<Settings | undefined> | undefined;

/** The settings of this deployment; undefined until they are loaded. */
export function useSettings(): Settings | undefined {
  const [settings, setSettings] = useState<Settings>();
  useEffect(() => {
    known ??= fetchJson<Settings>('/api/settings').then((answer) => {
      if (answer.ok) return answer.value;
      known = undefined;
      return undefined;
    });
    void known.then(setSettings);
  }, []);
  return settings;
}

/** Host names by which a machine reaches only itself. */
const ONLY_HERE = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether phones cannot reach an address. */
export function isLocal(address: string): boolean {
  return ONLY_HERE.test(new URL(address).hostname);
}

/**
 * The address of a contest's vote page, short if its code is known. Phones can reach it if this machine has a network.
 */
export function voteAddress(settings: Settings, { id, code }: Pick<ContestView, 'id' | 'code'>): string {
  const { voteUrl, votePort, lanHost } = settings;
  const host = ONLY_HERE.test(location.hostname) ? (lanHost ?? location.hostname) : location.hostname;
  const base = voteUrl ?? `${location.protocol}//${host}:${votePort}`;
  return code === undefined ? `${base}/c/${id}` : `${base}/${code}`;
}
