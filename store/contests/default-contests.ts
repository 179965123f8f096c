import type { Contest } from './contest.ts';

const always = { opensAt: null, closesAt: null, hidden: false } as const;

/** The contests that the first start of a deployment creates. */
export const defaultContests: readonly Contest[] = [
  {
    id: 'cats-vs-dogs',
    title: 'Cats or dogs?',
    rule: 'one-per-voter',
    options: [
      { id: 'cats', label: 'Cats', colour: '#0b7285', attributes: {} },
      { id: 'dogs', label: 'Dogs', colour: '#d9480f', attributes: {} },
    ],
    ...always,
  },
  {
    id: 'bandas',
    title: 'Bandas de Guatemala',
    rule: 'open',
    options: [
      band('alux-nahual', 'Alux Nahual', '#1864ab', { album: 'Alto al fuego', year: '1987' }),
      band('bohemia-suburbana', 'Bohemia Suburbana', '#862e9c', { album: 'Sombras en el jardín', year: '1993' }),
      band('malacates-trebol-shop', 'Malacates Trébol Shop', '#2b8a3e', { album: 'Paquetecuete', year: '1999' }),
      band('viento-en-contra', 'Viento en Contra', '#c92a2a', { album: 'Vía láctea', year: '2002' }),
      band('el-tambor-de-la-tribu', 'El Tambor de la Tribu', '#e67700', { album: 'El ciclo', year: '2003' }),
      band('viernes-verde', 'Viernes Verde', '#5c940d', { album: 'Nivel', year: '1996' }),
      band('la-tona', 'La Tona', '#0b7285', { album: 'Tona', year: '1996' }),
      band('radio-viejo', 'Radio Viejo', '#495057', { album: 'Radio Viejo', year: '2004' }),
    ].map((option, index) => ({ ...option, attributes: { ...option.attributes, rank: `${index + 1}` } })),
    ...always,
  },
  {
    id: 'visits',
    title: 'Visits to this page',
    rule: 'open',
    options: [{ id: 'visit', label: 'Visits', colour: '#1864ab', attributes: {} }],
    ...always,
  },
];

function band(id: string, label: string, colour: string, attributes: Record<string, string>) {
  return { id, label, colour, attributes };
}
