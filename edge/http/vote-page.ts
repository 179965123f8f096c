import type { EdgeApp, EdgeHttp } from './app.ts';

export function mountVotePage(app: EdgeApp, { edge }: EdgeHttp): void {
  app.get('/', (c) =>
    c.text(
      edge.contests
        .list()
        .map((contest) => contest.title)
        .join('\n'),
    ),
  );
}
