import { useEffect, useState } from 'preact/hooks';

/** Reports the outcome of an action, on the screen and to screen readers. */
export function announce(text: string): void {
  dispatchEvent(new CustomEvent('votewire-announce', { detail: text }));
}

const SHOWN_MS = 5000;

export function Announcer() {
  const [text, setText] = useState('');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (event: Event) => {
      setText(String((event as CustomEvent).detail));
      clearTimeout(timer);
      timer = setTimeout(() => setText(''), SHOWN_MS);
    };
    addEventListener('votewire-announce', show);
    return () => {
      removeEventListener('votewire-announce', show);
      clearTimeout(timer);
    };
  }, []);
  return (
    <div class="toast" role="status" data-shown={text !== ''}>
      {text}
    </div>
  );
}
