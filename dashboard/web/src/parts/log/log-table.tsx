import { useRef, useState } from 'preact/hooks';
import type { ContestView } from '../../../../api/contests.ts';
import type { LogItem } from '../../../../api/log.ts';
import { formatTime, formatUtc, zoneName } from '../../data/format.ts';
import { logAddress, NO_FILTER } from '../../data/log/log-filter.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';
import { TRANSPORT_NAMES } from './transport-names.ts';
import { useWindow } from './use-window.ts';
import { VoteStoryDialog } from './vote-story-dialog.tsx';

/** Storage key of the reader's choice between UTC and local time. */
const ZONE_KEY = 'votewire.zone';

/** Votes as rows; on a phone each row is a card. */
export function LogTable({
  items,
  contests,
}: {
  items: readonly LogItem[];
  contests: ReadonlyMap<string, ContestView>;
}) {
  const list = useRef<HTMLDivElement | null>(null);
  const view = useWindow(items.length, list, 'tbody tr');
  const [isUtc, setUtc] = useState(localStorage.getItem(ZONE_KEY) === 'UTC');
  const [opened, setOpened] = useState<LogItem>();
  return (
    <ScrollRegion label="Votes, table">
      <div ref={list} style={{ paddingTop: `${view.above}px`, paddingBottom: `${view.below}px` }}>
        <table class="log-table" aria-rowcount={items.length + 1}>
          <thead>
            <tr>
              <th scope="col">
                Received (
                <button
                  type="button"
                  class="text-button"
                  title={`Show ${isUtc ? zoneName() : 'UTC'}`}
                  onClick={() => {
                    localStorage.setItem(ZONE_KEY, isUtc ? '' : 'UTC');
                    setUtc(!isUtc);
                  }}
                >
                  {isUtc ? 'UTC' : zoneName()}
                </button>
                )
              </th>
              <th scope="col">Contest</th>
              <th scope="col">Choice</th>
              <th scope="col">Attributes</th>
              <th scope="col">Voter</th>
              <th scope="col">Transport</th>
              <th scope="col">Edge</th>
            </tr>
          </thead>
          <tbody>
            {items.slice(view.from, view.to).map((item, index) => (
              <LogRow
                key={item.id}
                item={item}
                row={view.from + index + 2}
                contest={contests.get(item.contest)}
                isUtc={isUtc}
                onOpen={setOpened}
              />
            ))}
          </tbody>
        </table>
      </div>
      {opened !== undefined && <VoteStoryDialog item={opened} onClose={() => setOpened(undefined)} />}
    </ScrollRegion>
  );
}

interface LogRowProps {
  readonly item: LogItem;
  /** Row number from 1, including the header. */
  readonly row: number;
  readonly contest: ContestView | undefined;
  readonly isUtc: boolean;
  readonly onOpen: (item: LogItem) => void;
}

function LogRow({ item, row, contest, isUtc, onOpen }: LogRowProps) {
  const option = contest?.options.find(({ id }) => id === item.choice);
  const attributes = Object.entries(item.attributes);
  return (
    <tr aria-rowindex={row}>
      <td class="log-time">
        <button type="button" class="text-button" title="From the edge to the log" onClick={() => onOpen(item)}>
          <time dateTime={item.receivedAt}>{isUtc ? formatUtc(item.receivedAt) : formatTime(item.receivedAt)}</time>
        </button>
      </td>
      <td class="log-contest">
        <bdi>{contest?.title ?? item.contest}</bdi>
      </td>
      <td class="log-choice">
        {item.choice === null ? (
          <span class="muted">hidden</span>
        ) : (
          <>
            <span class="swatch" style={{ '--option': option?.colour ?? 'transparent' }} aria-hidden="true" />{' '}
            <bdi>{option?.label ?? item.choice}</bdi>
          </>
        )}
      </td>
      <td class="log-attributes">
        {attributes.map(([name, value]) => (
          <span key={name} class="attribute">
            <span class="muted">{name}</span> {value}
          </span>
        ))}
      </td>
      <td class="log-voter">
        <a class="mono" href={logAddress({ ...NO_FILTER, voter: item.voter })} title={`All votes of ${item.voter}`}>
          {item.voter.slice(0, 8)}…
        </a>
      </td>
      <td class="log-path">
        <span class={`path-tag ${item.path}`}>{TRANSPORT_NAMES[item.path]}</span>
      </td>
      <td class="log-edge mono">{item.edge}</td>
    </tr>
  );
}
