import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

type Theme = 'auto' | 'light' | 'dark';

const KEY = 'votewire.theme';
const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const LABEL: Readonly<Record<Theme, string>> = { auto: 'system', light: 'light', dark: 'dark' };

function storedTheme(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

/** Cycles through: system, light, dark. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  const change = () => {
    const next = NEXT[theme];
    setTheme(next);
    if (next === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Storage is disabled; the choice lasts until the page is closed.
    }
  };
  return (
    <button
      type="button"
      class="quiet square"
      onClick={change}
      aria-label={`Theme: ${LABEL[theme]}. Change`}
      title={`Theme: ${LABEL[theme]}`}
    >
      <Icon name={theme === 'auto' ? 'auto' : theme === 'light' ? 'sun' : 'moon'} />
    </button>
  );
}
