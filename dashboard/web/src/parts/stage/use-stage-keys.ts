import { useEffect } from 'preact/hooks';
import type { LiveResults } from '../../data/live-results.ts';
import { navigate } from '../../data/route.ts';

/** `f` toggles full screen, Escape leaves the stage, the arrow keys go to the previous and next contest. */
export function useStageKeys(id: string, { contests }: LiveResults, enterFullScreen: () => void): void {
  useEffect(() => {
    const ids = contests?.filter(({ optionCount }) => optionCount > 1).map((contest) => contest.id) ?? [];
    const go = (step: number) => {
      const next = ids[(ids.indexOf(id) + step + ids.length) % ids.length];
      if (next !== undefined) navigate(`/contests/${next}?stage`);
    };
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'f') {
        if (document.fullscreenElement === null) enterFullScreen();
        else void document.exitFullscreen();
      } else if (event.key === 'Escape' && document.fullscreenElement === null) navigate(`/contests/${id}`);
      else if (event.key === 'ArrowRight') go(1);
      else if (event.key === 'ArrowLeft') go(-1);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [id, contests, enterFullScreen]);
}
