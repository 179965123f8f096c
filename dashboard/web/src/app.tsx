import { useEffect } from 'preact/hooks';
import { useRoute } from './data/route.ts';
import { BenchPage } from './pages/bench-page.tsx';
import { ContestPage } from './pages/contest-page.tsx';
import { EmbedPage } from './pages/embed-page.tsx';
import { LogPage } from './pages/log-page.tsx';
import { ResultsPage } from './pages/results-page.tsx';
import { StagePage } from './pages/stage-page.tsx';
import { SystemPage } from './pages/system-page.tsx';
import { Announcer } from './parts/shell/announcer.tsx';
import { Brand } from './parts/shell/brand.tsx';
import { Icon, type IconName } from './parts/shell/icon.tsx';
import { Notice } from './parts/shell/notice.tsx';
import { ThemeSwitch } from './parts/shell/theme-switch.tsx';

const NAV: readonly {
  readonly page: string;
  readonly href: string;
  readonly label: string;
  readonly icon: IconName;
}[] = [
  { page: 'results', href: '/', label: 'Results', icon: 'results' },
  { page: 'log', href: '/log', label: 'Log', icon: 'log' },
  { page: 'system', href: '/system', label: 'System', icon: 'system' },
  { page: 'bench', href: '/bench', label: 'Bench', icon: 'bench' },
];

export function App() {
  const route = useRoute();
  const section = route.page === 'contest' ? 'results' : route.page;

  const name = 'id' in route ? route.id : (NAV.find(({ page }) => page === section)?.label ?? 'Not found');
  useEffect(() => {
    document.title = `${name} · Votewire`;
  }, [name]);

  if (route.page === 'embed') return <EmbedPage id={route.id} />;
  if (route.page === 'contest' && route.stage) return <StagePage id={route.id} />;
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <div class="top-inner">
          <Brand />
          <nav class="nav" aria-label="Pages">
            {NAV.map(({ page, href, label, icon }) => (
              <a key={page} href={href} aria-current={page === section ? 'page' : undefined}>
                <Icon name={icon} />
                <span>{label}</span>
              </a>
            ))}
          </nav>
          <ThemeSwitch />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {route.page === 'results' && <ResultsPage />}
        {route.page === 'contest' && <ContestPage key={route.id} id={route.id} />}
        {route.page === 'log' && <LogPage />}
        {route.page === 'system' && <SystemPage />}
        {route.page === 'bench' && <BenchPage />}
        {route.page === 'unknown' && (
          <>
            <h1>Not found</h1>
            <Notice kind="empty" title={`There is no page at ${location.pathname}`}>
              <a href="/">Go to the live results</a>
            </Notice>
          </>
        )}
      </main>
      <footer class="foot">
        <p>
          Votewire counts every acknowledged vote exactly once. <a href="/openapi.json">API</a> ·{' '}
          <a href="/metrics">Metrics</a>
        </p>
      </footer>
      <Announcer />
    </>
  );
}
