// The page works without this script. It sends votes without leaving the page, keeps a vote that could not be sent, and
// updates counts and times while the page is visible.
const main = document.querySelector('main[data-contest]');
const language = document.documentElement.lang;
const numbers = new Intl.NumberFormat(language);

if (main !== null) start();

function start() {
  const texts = JSON.parse(main.dataset.texts);
  const form = main.querySelector('form');
  const notice = document.getElementById('notice');
  const key = `votewire.unsent.${main.dataset.contest}`;
  const receiptKey = `votewire.receipt.${main.dataset.contest}`;
  const options = [...main.querySelectorAll('[data-option]')];
  let sending = false;
  let reloading = false;
  let refusal = null;
  const ignore = () => undefined;

  // The outcome of a vote is shown once; reloading the page does not repeat it.
  const address = new URL(location.href);
  if (address.searchParams.has('vote')) {
    for (const name of ['vote', 'receipt']) address.searchParams.delete(name);
    history.replaceState(history.state, '', address);
  }

  const labelOf = (choice) => main.querySelector(`[data-option="${CSS.escape(choice)}"] .label`)?.textContent ?? choice;
  const show = (text, kind) => {
    const line = document.createElement('p');
    line.className = `notice ${kind}`;
    line.textContent = text;
    notice.replaceChildren(line);
  };
  const unsent = () => JSON.parse(localStorage.getItem(key) ?? 'null');
  const showUnsent = (vote) => {
    const text = texts.unsent.replace('{label}', labelOf(vote.choice));
    // A repeated attempt is not announced again.
    if (notice.textContent !== text) show(text, 'warn unsent');
  };

  // The vote is stored before it is sent, so that a closed tab or a dead connection cannot lose it. A retry is
  // harmless: the cookie or the vote_id makes it count once.
  async function send() {
    const vote = unsent();
    if (vote === null || sending) return;
    sending = true;
    if (navigator.onLine) show(texts.sending, 'sending');
    try {
      const body = new URLSearchParams(vote);
      const answer = await fetch('/v1/votes', { method: 'POST', body, signal: AbortSignal.timeout(10_000) });
      if (answer.status >= 500) throw new Error(`status ${answer.status}`);
      // A tap on another option while this vote was being sent replaces it.
      if (localStorage.getItem(key) === JSON.stringify(vote)) localStorage.removeItem(key);
      await replacePage(answer);
    } catch {
      showUnsent(vote);
    }
    sending = false;
    if (latest !== undefined) showLive(latest);
    const next = unsent();
    // Also while the browser reports offline: a server on this machine or network may still be reachable.
    if (next !== null) setTimeout(send, next.choice === vote.choice ? 2000 : 0);
  }

  // Replaces <main> in place, which keeps the scroll position.
  async function replacePage(answer) {
    // Removes the style, whose nonce this page's policy rejects.
    const text = (await answer.text()).replace(/<style[\s\S]*?<\/style>/, '');
    const page = new DOMParser().parseFromString(text, 'text/html');
    const fresh = page.querySelector('main');
    if (!answer.ok || fresh?.dataset.contest === undefined) {
      show(fresh?.querySelector('.lede')?.textContent ?? '', 'warn');
      return;
    }
    const line = fresh.querySelector('#receipt .receipt');
    if (line !== null) keepReceipt(line);
    const said = new URL(answer.url).searchParams.get('vote');
    refusal = ['closed', 'paused', 'early'].includes(said) ? said : null;
    const outcome = fresh.querySelector('#notice')?.childNodes ?? [];
    if (outcome.length > 0) notice.replaceChildren(...outcome);
    const chosen = fresh.querySelector('.chosen')?.dataset.option;
    for (const option of options) {
      const other = fresh.querySelector(`[data-option="${CSS.escape(option.dataset.option)}"]`);
      if (other === null) continue;
      option.classList.toggle('chosen', option.dataset.option === chosen);
      if (option.hasAttribute('aria-pressed')) option.setAttribute('aria-pressed', other.getAttribute('aria-pressed'));
      option.replaceChildren(...other.childNodes);
    }
    const id = form.elements.vote_id;
    if (id !== undefined) id.value = fresh.querySelector('[name=vote_id]')?.value ?? id.value;
    main.querySelector('.lede')?.replaceChildren(...(fresh.querySelector('.lede')?.childNodes ?? []));
    showTimes();
    await refresh().catch(ignore);
  }

  // The latest receipt stays on the page and is polled until its vote is counted.
  function keepReceipt(line) {
    document.getElementById('receipt').replaceChildren(line);
    localStorage.setItem(receiptKey, line.querySelector('a').getAttribute('href'));
    if (line.dataset.status === 'queued') setTimeout(showReceipt, 2000);
  }

  async function showReceipt() {
    const link = localStorage.getItem(receiptKey);
    if (link === null) return;
    const answer = await fetch(link, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const line = page.querySelector('.receipt');
    if (link !== localStorage.getItem(receiptKey)) return;
    if (line !== null) keepReceipt(line);
    else if (answer.status === 404) localStorage.removeItem(receiptKey);
  }

  // Another tab of this browser sent a vote.
  addEventListener('storage', (event) => {
    if (event.key === receiptKey) showReceipt().catch(ignore);
    if (event.key !== key || event.newValue !== null || sending) return;
    fetch(location.pathname).then(replacePage).catch(ignore);
  });

  form.addEventListener('submit', (event) => {
    const choice = event.submitter?.value;
    if (choice === undefined || !('localStorage' in globalThis)) return;
    event.preventDefault();
    const vote = { contest: main.dataset.contest, choice };
    if (form.elements.vote_id !== undefined) vote.vote_id = form.elements.vote_id.value;
    // A second tap in an open contest would have the same vote_id and not count, so it is ignored.
    if (sending && vote.vote_id !== undefined) return;
    localStorage.setItem(key, JSON.stringify(vote));
    send();
  });

  function showTimes() {
    const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' });
    for (const time of main.querySelectorAll('time[data-event]')) {
      const left = Date.parse(time.dateTime) - Date.now();
      const countdown = left > 0 && left < 86_400_000 ? ` (${texts[`${time.dataset.event}In`]} ${clock(left)})` : '';
      time.textContent = format.format(new Date(time.dateTime)) + countdown;
    }
  }

  const liveAddress = `/v1/contests/${main.dataset.contest}/live`;
  let source;
  let triedAt = 0;
  let heardAt = 0;
  let latest;

  // Streams only while the page is visible, so that hidden tabs hold no connection.
  function connect() {
    source?.close();
    source = undefined;
    triedAt = Date.now();
    if (document.hidden || !('EventSource' in globalThis)) return;
    source = new EventSource(liveAddress);
    source.onmessage = ({ data }) => {
      heardAt = Date.now();
      showLive(JSON.parse(data));
    };
  }

  // Polls while the stream is rejected, broken, or buffered by a proxy. The edge repeats the counts every 30 s.
  async function keepLive() {
    const now = Date.now();
    if (document.hidden || (source?.readyState === 1 && now - heardAt < 40_000)) return;
    if (now - triedAt > 30_000) connect();
    await refresh();
  }

  async function refresh() {
    const answer = await fetch(liveAddress);
    if (answer.ok || answer.status === 404) showLive(answer.ok ? await answer.json() : { results: 'gone' });
  }

  function showLive(live) {
    latest = live;
    if (sending) return;
    const { status, results, total, counts } = live;
    const shown = main.dataset.results;
    const away = results === 'away' && shown === 'shown';
    main.querySelector('.total').dataset.away = away ? texts.away : '';
    if (away && status === main.dataset.status) return;
    if (status !== main.dataset.status || results !== shown || (counts && counts.length !== options.length)) {
      // Random delay, so that not everyone in a full hall reloads at once.
      if (!reloading) setTimeout(reload, Math.random() * 1000);
      reloading = true;
    } else if (results === 'shown') showCounts(total, counts);
  }

  // Why a vote was refused is still there afterwards.
  function reload() {
    if (refusal === null) location.reload();
    else location.replace(`${location.pathname}?vote=${refusal}`);
  }

  function showCounts(all, counts) {
    for (const [index, option] of options.entries()) {
      const share = all === 0 ? 0 : (100 * counts[index]) / all;
      option.style.setProperty('--share', share.toFixed(1));
      const figures = option.querySelector('.share');
      if (figures === null) continue;
      figures.querySelector('b').textContent = `${Math.round(share)} %`;
      figures.querySelector('span').textContent = numbers.format(counts[index]);
    }
    const total = main.querySelector('.total');
    total.querySelector('b').textContent = numbers.format(all);
    total.querySelector('span').textContent = all === 1 ? texts.votesOne : texts.votesMany;
  }

  const line = main.querySelector('#receipt .receipt');
  if (line !== null) keepReceipt(line);
  else showReceipt().catch(ignore);
  const waiting = unsent();
  if (waiting !== null) {
    showUnsent(waiting);
    send();
  }
  addEventListener('online', send);
  showTimes();
  setInterval(showTimes, 1000);
  connect();
  document.addEventListener('visibilitychange', connect);
  // If the server is unreachable, the next tick tries again.
  setInterval(() => keepLive().catch(ignore), 2000);
  // Paced for screen readers: at most three times a minute, and only after a change.
  const spoken = document.createElement('p');
  spoken.className = 'hidden';
  spoken.setAttribute('aria-live', 'polite');
  main.append(spoken);
  setInterval(() => {
    const text = main.querySelector('.total').textContent.trim();
    if (spoken.textContent !== text) spoken.textContent = text;
  }, 20_000);
  navigator.serviceWorker?.register('/vote-worker.js').catch(ignore);
}

function clock(ms) {
  const seconds = Math.ceil(ms / 1000);
  const two = (value) => `${value}`.padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
