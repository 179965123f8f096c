/** A sample vote. Every run produces the same votes, so that a repeat changes no count. */
export interface SeedVote {
  readonly contest: string;
  readonly choice: string;
  readonly voter: string;
  readonly attributes: Record<string, string>;
  readonly voteId: string;
  readonly sequence: number;
}

/** An option of a contest, as in `GET /v1/contests/bandas`. */
export interface SeedOption {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const CATS_VS_DOGS_VOTES = 3000;
const BANDAS_VOTES = 240;

/** 3,000 voters of `cats-vs-dogs`, about 52 % for cats. */
export function catsVsDogsVotes(): SeedVote[] {
  const random = randomNumbers(7);
  return Array.from({ length: CATS_VS_DOGS_VOTES }, (_, index) => ({
    contest: 'cats-vs-dogs',
    choice: random() < 0.52 ? 'cats' : 'dogs',
    voter: voterName(index),
    attributes: {},
    voteId: '',
    sequence: 1,
  }));
}

/** 240 votes for bands, weighted toward the first ones; each has the band's album and year and the voter's rank. */
export function bandasVotes(options: readonly SeedOption[]): SeedVote[] {
  if (options.length === 0) return [];
  const random = randomNumbers(11);
  const weights = options.map((_, index) => 1 / (index + 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: BANDAS_VOTES }, (_, index) => {
    let left = random() * total;
    const at = weights.findIndex((weight) => {
      left -= weight;
      return left <= 0;
    });
    const option = options[at] ?? options[0];
    const { album = 'unknown', year = '2000' } = option?.attributes ?? {};
    return {
      contest: 'bandas',
      choice: option?.id ?? '',
      voter: voterName(index),
      attributes: { album, year, rank: `${1 + Math.floor(random() * options.length)}` },
      // An open contest counts every vote; the id makes a repeat harmless.
      voteId: `seed-${index + 1}`,
      sequence: 0,
    };
  });
}

function voterName(index: number): string {
  return `seed-${String(index + 1).padStart(4, '0')}`;
}

/** Returns a generator of pseudo-random numbers from 0 to 1 that are the same in every run (mulberry32). */
function randomNumbers(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
