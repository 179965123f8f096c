// Keeps the latest copy of each vote page, so that an offline reload still shows it and its unsent vote.
const CACHE = 'votewire-vote';

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim().then(keepOpenPages)));
addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  const isPage = event.request.mode === 'navigate' && pathname.startsWith('/c/');
  if (event.request.method !== 'GET' || !(isPage || pathname.startsWith('/assets/'))) return;
  event.respondWith(fromNetworkFirst(event.request, isPage ? pathname : event.request.url));
});

async function fromNetworkFirst(request, key) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(key, answer.clone());
    return answer;
  } catch (error) {
    const copy = await cache.match(key);
    if (copy === undefined) throw error;
    return copy;
  }
}

// The first page was loaded before there was a worker.
async function keepOpenPages() {
  const cache = await caches.open(CACHE);
  for (const { url } of await clients.matchAll({ type: 'window' })) {
    const { pathname } = new URL(url);
    const answer = pathname.startsWith('/c/') ? await fetch(pathname) : undefined;
    if (!answer?.ok) continue;
    const assets = (await answer.clone().text()).match(/\/assets\/[\w.?=-]+/g) ?? [];
    await Promise.all([cache.put(pathname, answer), cache.addAll([...new Set(assets)])]);
  }
}
