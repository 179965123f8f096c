// The page works without this script, which updates the counts while the page is visible and follows its contest.
const main = document.querySelector('main[data-contest]');
const number = new Intl.NumberFormat(document.documentElement.lang);

// The outcome of a vote is shown once: a reload does not show it again.
const address = new URL(location.href);
if (address.searchParams.has('vote')) {
  address.searchParams.delete('vote');
  history.replaceState(history.state, '', address);
}

async function refresh() {
  if (document.hidden) return;
  const contest = `/v1/contests/${main.dataset.contest}`;
  if (main.dataset.results === 'hidden') {
    const answer = await fetch(contest);
    if (!answer.ok) return;
    const { status, hidden } = await answer.json();
    if (status !== main.dataset.status || !hidden) location.reload();
    return;
  }
  const answer = await fetch(`${contest}/results`);
  // The results were hidden after this page was loaded.
  if (answer.status === 403) location.reload();
  if (!answer.ok) return;
  const results = await answer.json();
  if (results.status !== main.dataset.status || main.dataset.results === 'away') {
    location.reload();
    return;
  }
  for (const { id, count } of results.options) {
    const option = main.querySelector(`[data-option="${CSS.escape(id)}"]`);
    if (option === null) continue;
    const share = results.total === 0 ? 0 : (100 * count) / results.total;
    option.style.setProperty('--share', share.toFixed(1));
    option.querySelector('.share b').textContent = `${Math.round(share)} %`;
    option.querySelector('.share span').textContent = number.format(count);
  }
  document.querySelector('.total b').textContent = number.format(results.total);
  document.querySelector('.total span').textContent = results.total === 1 ? 'vote' : 'votes';
}

if (main !== null) {
  // A phone without a connection tries again at the next tick.
  setInterval(() => refresh().catch(() => undefined), 2000);
}
