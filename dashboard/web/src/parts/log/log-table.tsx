import type { ContestView } from '../../../../api/contests.ts';
import type { LogItem } from '../../../../api/log.ts';
import { formatTime } from '../../data/format.ts';
import { logAddress, NO_FILTER } from '../../data/log/log-filter.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';

const PATH_NAMES = { http: 'HTTP', grpc: 'gRPC', connect: 'Connect' } as const;

/** Votes as rows; on a phone each row is a card. */
export function LogTable({
  items,
  contests,
}: {
  items: readonly LogItem[];
  contests: ReadonlyMap<string, ContestView>;
}) {
  return (
    <ScrollRegion label="Votes, table">
      <table class="log-table">
        <thead>
          <tr>
            <th scope="col">Received</th>
            <th scope="col">Contest</th>
            <th scope="col">Choice</th>
            <th scope="col">Attributes</th>
            <th scope="col">Voter</th>
            <th scope="col">Path</th>
            <th scope="col">Edge</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <LogRow key={item.id} item={item} contest={contests.get(item.contest)} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function LogRow({ item, contest }: { item: LogItem; contest: ContestView | undefined }) {
  const option = contest?.options.find(({ id }) => id === item.choice);
  const attributes = Object.entries(item.attributes);
  return (
    <tr>
      <td class="log-time">
        <time dateTime={item.receivedAt} title={item.receivedAt}>
          {formatTime(item.receivedAt)}
        </time>
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
        <span class={`path-tag ${item.path}`}>{PATH_NAMES[item.path]}</span>
      </td>
      <td class="log-edge mono">{item.edge}</td>
    </tr>
  );
}
