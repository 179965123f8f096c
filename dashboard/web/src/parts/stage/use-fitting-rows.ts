import { useEffect, useLayoutEffect, useState } from 'preact/hooks';

/**
 * How many of `most` rows fit the screen. Text stays large enough to read from the back of a hall, so long labels wrap
 * and leave less room for other rows. Narrow screens scroll instead.
 */
export function useFittingRows(most: number): number {
  const [fitting, setFitting] = useState(most);
  const [, draw] = useState(0);
  useEffect(() => {
    const startAgain = () => setFitting(most);
    startAgain();
    // Other parts of the page may load later and leave less room for the rows.
    const observer = new ResizeObserver(() => draw((times) => times + 1));
    observer.observe(document.body);
    addEventListener('resize', startAgain);
    return () => {
      observer.disconnect();
      removeEventListener('resize', startAgain);
    };
  }, [most]);
  // Runs after each render, because options change places and labels differ in length.
  useLayoutEffect(() => {
    const overflows = document.documentElement.scrollHeight > innerHeight;
    if (overflows && fitting > 1 && matchMedia('(min-width: 641px)').matches) setFitting(fitting - 1);
  });
  return fitting;
}
