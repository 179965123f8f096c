import { streamKey } from '../../../../store/streams/keys.ts';
import type { Logged } from '../../check/logged.ts';
import { lasting } from '../../inject/lasting.ts';
import { acknowledges } from '../../load/acknowledges.ts';
import type { Fault, FaultRun } from '../../matrix/fault.ts';
import { PARTITIONS, type System } from '../../system/system.ts';

const DEAD_MS = 25_000;
/** Maximum time without an acknowledgement in a partition of another master, and in any partition. */
const [ELSEWHERE_MS, ANYWHERE_MS] = [2000, 10_000];

/** Partitions of the dead master, and when it died and was revived. */
interface Outage {
  partitions: ReadonlySet<number>;
  from: number;
  to: number;
}

/** Writes that wait for a replica stop only in the partitions of the dead master. */
export function masterDead(): Fault {
  const outage: Outage = { partitions: new Set(), from: 0, to: 0 };
  return {
    id: 'F12b',
    title: 'DURABILITY=replica, a master dead for 25 s: the other partitions keep working',
    system: { redis: 'cluster', env: { DURABILITY: 'replica' } },
    load: { concurrency: 32, timeoutMs: 1500, repeats: 2 },
    resultsMayGoBack: true,
    async inflict({ system, load, violation }) {
      const { cluster } = system;
      const master = await cluster.master(streamKey(0));
      outage.partitions = await partitionsOf(system, master.port);
      outage.from = performance.now();
      await cluster.kill(master);
      await lasting(DEAD_MS / 2);
      const reported = await readUnavailable(system);
      const expected = [...outage.partitions].sort().join();
      if (reported.join() !== expected) violation(`/readyz reports partitions ${reported}; ${expected} are away`);
      await lasting(DEAD_MS / 2);
      outage.to = performance.now();
      await cluster.revive(master);
      await cluster.healthy();
      await acknowledges(load, 100);
    },
    verify: (run, logged) => checkGaps(run, logged, outage),
  };
}

/** The unavailable partitions reported by an edge that still accepts votes for the others. */
async function readUnavailable(system: System): Promise<readonly number[]> {
  const response = await fetch(`${system.edgeUrls[0]}/readyz`);
  if (!response.ok) throw new Error(`/readyz answered ${response.status} while most partitions work`);
  const { unavailablePartitions = [] } = (await response.json()) as { unavailablePartitions?: number[] };
  return unavailablePartitions;
}

async function partitionsOf({ cluster }: System, port: number): Promise<ReadonlySet<number>> {
  const partitions = new Set<number>();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    if ((await cluster.master(streamKey(partition))).port === port) partitions.add(partition);
  }
  return partitions;
}

function checkGaps({ load, violation }: FaultRun, { partitions }: Logged, outage: Outage): void {
  const acknowledged = load.attempts.filter(({ outcome }) => outcome === 'ok');
  const anywhere = longestGap(
    outage,
    acknowledged.flatMap(({ answeredAt }) => answeredAt ?? []),
  );
  if (anywhere > ANYWHERE_MS) violation(`no vote at all was acknowledged for ${Math.round(anywhere)} ms`);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const own = acknowledged.filter(({ id }) => partitions.get(id) === partition);
    const gap = longestGap(
      outage,
      own.flatMap(({ answeredAt }) => answeredAt ?? []),
    );
    const where = outage.partitions.has(partition) ? 'of the dead master' : 'of another master';
    console.log(
      `      partition ${partition}, ${where}: longest time without an acknowledgement ${Math.round(gap)} ms`,
    );
    if (!outage.partitions.has(partition) && gap > ELSEWHERE_MS) {
      violation(`partition ${partition}, ${where}: no acknowledgement for ${Math.round(gap)} ms`);
    }
  }
}

function longestGap({ from, to }: Outage, times: readonly number[]): number {
  const within = times.filter((time) => time >= from && time <= to).sort((a, b) => a - b);
  return Math.max(...[...within, to].map((time, n) => time - (within[n - 1] ?? from)));
}
