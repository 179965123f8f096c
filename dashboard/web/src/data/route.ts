import { useEffect, useState } from 'preact/hooks';

/** The page at an address. */
export type Route =
  | { readonly page: 'results' }
  | { readonly page: 'contest'; readonly id: string; readonly stage: boolean }
  | { readonly page: 'embed'; readonly id: string }
  | { readonly page: 'log' }
  | { readonly page: 'system' }
  | { readonly page: 'bench' }
  | { readonly page: 'unknown' };

export function readRoute({ pathname, search }: { pathname: string; search: string }): Route {
  if (pathname === '/') return { page: 'results' };
  if (pathname === '/log' || pathname === '/system' || pathname === '/bench') {
    return { page: pathname.slice(1) as 'log' | 'system' | 'bench' };
  }
  const [, kind, id] = /^\/(contests|embed)\/([a-z0-9][a-z0-9._-]{0,63})$/.exec(pathname) ?? [];
  if (id === undefined) return { page: 'unknown' };
  if (kind === 'embed') return { page: 'embed', id };
  return { page: 'contest', id, stage: new URLSearchParams(search).has('stage') };
}

/** The current route. Links of the same origin are followed without a document load. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location));
  useEffect(() => {
    const update = () => setRoute(readRoute(location));
    const follow = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
      if (link === null || !plain || event.defaultPrevented || link.target !== '' || link.hasAttribute('download'))
        return;
      if (link.origin !== location.origin || readRoute(link).page === 'unknown' || link.hash !== '') return;
      event.preventDefault();
      navigate(link.pathname + link.search);
    };
    addEventListener('popstate', update);
    addEventListener('click', follow);
    return () => {
      removeEventListener('popstate', update);
      removeEventListener('click', follow);
    };
  }, []);
  return route;
}

/** Navigates to a page of this site, like a link. */
export function navigate(address: string): void {
  changeAddress(address);
  scrollTo(0, 0);
  // Otherwise the focus of keyboards and screen readers would stay at a link that no longer exists.
  document.getElementById('main')?.focus({ preventScroll: true });
}

/** Changes the address without leaving the page and keeps the focus, for example after a filter change. */
export function changeAddress(address: string): void {
  history.pushState(null, '', address);
  dispatchEvent(new PopStateEvent('popstate'));
}
