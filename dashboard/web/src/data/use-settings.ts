import { useEffect, useState } from 'preact/hooks';
import type { Settings } from '../../../api/settings.ts';
import { fetchJson } from './fetch-json.ts';

let known: Promise<Settings | undefined> | undefined;

/** What the server says of this deployment; undefined until it has. */
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

/** Where the audience votes in a contest. */
export function voteAddress(settings: Settings, contest: string): string {
  const base = settings.voteUrl ?? `${location.protocol}//${location.hostname}:${settings.votePort}`;
  return `${base}/c/${contest}`;
}
