import { useEffect, useLayoutEffect, useState } from 'preact/hooks';

/**
 * How many of `most` rows fit the screen. Text keeps a size that the back of a hall can read, so long labels, which wrap,
 * leave less room for others. Narrow screens scroll instead.
 */
export function useFittingRows(most: number): number {
  const [fitting, setFitting] = useState(most);
  const [, draw] = useState(0);
  useEffect(() => {
    const startAgain = () => setFitting(most);
    startAgain();
    // What is beside the rows may arrive later and leave them less room.
    const observer = new ResizeObserver(() => draw((times) => times + 1));
    observer.observe(document.body);
    addEventListener('resize', startAgain);
    return () => {
      observer.disconnect();
      removeEventListener('resize', startAgain);
    };
  }, [most]);
  // After each drawing: options change places, and labels differ in length.
  useLayoutEffect(() => {
    const overflows = document.documentElement.scrollHeight > innerHeight;
    if (overflows && fitting > 1 && matchMedia('(min-width: 641px)').matches) setFitting(fitting - 1);
  });
  return fitting;
}
