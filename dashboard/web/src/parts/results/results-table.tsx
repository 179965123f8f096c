import { formatCount, formatShare } from '../../data/format.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';
import type { RankedOption } from './ranking.ts';

/** The counts as a table with all attributes of the options. */
export function ResultsTable({ options, total }: { options: readonly RankedOption[]; total: number }) {
  const attributes = [...new Set(options.flatMap((option) => Object.keys(option.attributes)))].sort();
  return (
    <ScrollRegion label="All options, table">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number narrow">
              Place
            </th>
            <th scope="col">Option</th>
            <th scope="col" class="number">
              Votes
            </th>
            <th scope="col" class="number">
              Share
            </th>
            {attributes.map((name) => (
              <th key={name} scope="col" class={isNumeric(options, name) ? 'number' : ''}>
                {name === 'rank' ? 'Listed rank' : name.charAt(0).toUpperCase() + name.slice(1)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {options.map((option) => (
            <tr key={option.id}>
              <td class="number">{total === 0 ? '–' : option.place}</td>
              <th scope="row" class="option-name">
                <span class="swatch" style={{ '--option': option.colour }} aria-hidden="true" />{' '}
                <bdi>{option.label}</bdi>
              </th>
              <td class="number">{formatCount(option.count)}</td>
              <td class="number">{formatShare(option.count, total)}</td>
              {attributes.map((name) => (
                <td key={name} class={isNumeric(options, name) ? 'number' : ''}>
                  {option.attributes[name] ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function isNumeric(options: readonly RankedOption[], name: string): boolean {
  return options.every((option) => /^\d*$/.test(option.attributes[name] ?? ''));
}
