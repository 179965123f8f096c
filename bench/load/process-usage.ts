import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessUsage, WatchedProcess } from './job.ts';

/** Linux counts CPU time in /proc/<pid>/stat in hundredths of a second, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** CPU-seconds that the process has used since its start, all threads; null if this system does not report it. */
export function readCpuSeconds(pid: number): number | null {
  if (process.platform === 'linux') return readScheduled(pid) ?? readTicks(pid);
  return readFromPs(pid)?.cpuSeconds ?? null;
}

/** Resident bytes of the process; null if this system does not report it. */
function readRssBytes(pid: number): number | null {
  if (process.platform === 'linux') {
    const pages = readText(`/proc/${pid}/statm`)?.split(' ')[1];
    return pages === undefined ? null : Number(pages) * PAGE_BYTES;
  }
  return readFromPs(pid)?.rssBytes ?? null;
}

/** The usage of each process since its start. */
export function readAllUsage(watch: readonly WatchedProcess[]): ProcessUsage[] {
  return watch.map(({ name, pid }) => ({
    name,
    cpuSeconds: readCpuSeconds(pid),
    rssBytes: readRssBytes(pid),
    ioCalls: readIoCalls(pid),
  }));
}

/** The usage of each process between `before`, from `readAllUsage`, and now. */
export function usageSince(watch: readonly WatchedProcess[], before: readonly ProcessUsage[]): ProcessUsage[] {
  const since = (now: number | null, then: number | null | undefined) =>
    now === null || then === null || then === undefined ? null : now - then;
  return readAllUsage(watch).map((now, i) => ({
    ...now,
    cpuSeconds: since(now.cpuSeconds, before[i]?.cpuSeconds),
    ioCalls: since(now.ioCalls, before[i]?.ioCalls),
  }));
}

function readIoCalls(pid: number): number | null {
  const counts = readText(`/proc/${pid}/io`)?.match(/^syscr: (\d+)\nsyscw: (\d+)/m);
  return counts === undefined || counts === null ? null : Number(counts[1]) + Number(counts[2]);
}

/** CPU time with nanosecond precision, summed over the live threads. The measured servers keep their threads. */
function readScheduled(pid: number): number | undefined {
  try {
    let nanoseconds = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
    }
    return nanoseconds > 0 ? nanoseconds / 1e9 : undefined;
  } catch {
    // This kernel has no scheduler statistics, or a thread ended between the two calls; the caller falls back to ticks.
    return undefined;
  }
}

function readTicks(pid: number): number | null {
  const stat = readText(`/proc/${pid}/stat`);
  // The command in parentheses may contain spaces; utime and stime are the 12th and 13th fields after it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined) return null;
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function readFromPs(pid: number): { cpuSeconds: number; rssBytes: number } | null {
  try {
    const [time = '', rss = ''] = execFileSync('ps', ['-o', 'time=,rss=', '-p', `${pid}`], { encoding: 'latin1' })
      .trim()
      .split(/\s+/);
    const cpuSeconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    return Number.isFinite(cpuSeconds) ? { cpuSeconds, rssBytes: Number(rss) * 1024 } : null;
  } catch {
    // Without ps (Windows), the report says that CPU was not measured.
    return null;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process has ended.
    return undefined;
  }
}
