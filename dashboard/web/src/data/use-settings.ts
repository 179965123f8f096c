import { useEffect, useState } from 'preact/hooks';
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

/** The address of a contest's vote page. */
export function voteAddress(settings: Settings, contest: string): string {
  const base = settings.voteUrl ?? `${location.protocol}//${location.hostname}:${settings.votePort}`;
  return `${base}/c/${contest}`;
}
