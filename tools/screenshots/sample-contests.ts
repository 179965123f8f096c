/** Contests that show how pages render many options, long words and every status. */
interface SampleContest {
  readonly id: string;
  readonly title: string;
  readonly rule: 'one-per-voter' | 'open';
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly hidden?: boolean;
  readonly opensAt?: string;
  readonly closesAt?: string;
  readonly status?: 'closed';
}

const HOUR_MS = 3_600_000;
const DISHES = ['Pepián', 'Kak’ik', 'Jocón', 'Fiambre', 'Rellenitos', 'Tamales', 'Hilachas', 'Subanik'];

const number = (count: number, label: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => ({ id: `o${n + 1}`, label: label(n) }));

export const SAMPLE_CONTESTS: readonly SampleContest[] = [
  {
    id: 'hall-8',
    title: 'Which dish opens the dinner?',
    rule: 'one-per-voter',
    closesAt: new Date(Date.now() + HOUR_MS / 4).toISOString(),
    options: number(8, (n) => DISHES[n] ?? ''),
  },
  {
    id: 'hall-40',
    title: 'Which of these forty towns hosts the next meeting of all the volunteers?',
    rule: 'open',
    options: number(
      40,
      (n) => `${n % 5 === 0 ? 'A town with a name that needs more than one line of the ' : 'Town '}${n + 1}`,
    ),
  },
  {
    id: 'words',
    title: 'Donaudampfschifffahrtsgesellschaftskapitän or something shorter?',
    rule: 'open',
    options: [
      { id: 'long', label: 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz' },
      {
        id: 'sentence',
        label: 'A sentence as an option, which somebody in a hurry typed into the form before the show',
      },
      { id: 'short', label: 'No' },
    ],
  },
  { id: 'closed', title: 'Best encore', rule: 'open', status: 'closed', options: number(4, (n) => `Song ${n + 1}`) },
  {
    id: 'later',
    title: 'Song of the night',
    rule: 'one-per-voter',
    opensAt: new Date(Date.now() + HOUR_MS / 2).toISOString(),
    options: number(3, (n) => `Song ${n + 1}`),
  },
  {
    id: 'secret',
    title: 'Who wins the raffle?',
    rule: 'open',
    hidden: true,
    options: number(5, (n) => `Ticket ${n + 1}`),
  },
  { id: 'nothing', title: 'A contest without a vote', rule: 'open', options: number(2, (n) => `Side ${n + 1}`) },
];

/** Votes that give each option a different count; none for the contest without votes. */
export function sampleVotes({ id, options }: Pick<SampleContest, 'id' | 'options'>) {
  if (id === 'nothing') return [];
  return options.flatMap((option, n) =>
    Array.from({ length: 3 + ((n * 37) % 90) }, (_, voter) => ({
      contest: id,
      choice: option.id,
      voter: `sample-${n}-${voter}`,
    })),
  );
}
