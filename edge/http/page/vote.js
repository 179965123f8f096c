// The page works without this: it keeps the counts moving while somebody looks at them.
const main = document.querySelector('main[data-contest]');
const number = new Intl.NumberFormat(document.documentElement.lang);

// What became of a vote is news once: a page that is loaded again does not tell it again.
const address = new URL(location.href);
if (address.searchParams.has('vote')) {
  address.searchParams.delete('vote');
  history.replaceState(history.state, '', address);
}

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(`/v1/contests/${main.dataset.contest}/results`);
  if (!answer.ok) return;
  const results = await answer.json();
  if (results.status !== main.dataset.status) location.reload();
  for (const { id, count } of results.options) {
    const option = main.querySelector(`[data-option="${CSS.escape(id)}"]`);
    if (option === null) continue;
    const share = results.total === 0 ? 0 : (100 * count) / results.total;
    option.style.setProperty('--share', share.toFixed(1));
    option.querySelector('.share b').textContent = `${Math.round(share)} %`;
    option.querySelector('.share span').textContent = number.format(count);
  }
  document.querySelector('.total b').textContent = number.format(results.total);
}

if (main?.dataset.results === 'shown') {
  // A phone that is out of reach tries again at the next tick.
  setInterval(() => refresh().catch(() => undefined), 2000);
}
