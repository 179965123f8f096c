import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

type Theme = 'auto' | 'light' | 'dark';

const KEY = 'votewire.theme';
const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const LABEL: Readonly<Record<Theme, string>> = { auto: 'as the system', light: 'light', dark: 'dark' };

function storedTheme(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

/** Goes round: as the system, light, dark. */
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
      // Storage is switched off: the choice lasts as long as the page.
    }
    // Charts are drawn with colours that they read once.
    dispatchEvent(new Event('votewire-theme'));
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
