const RECORDS = 4_000;
const REPEATS = 7;

/**
 * CPU-milliseconds that a fixed piece of work takes now: the shortest of a few goes at reading and writing 300 kB of
 * JSON. It tells how fast the machine is at the moment, whatever the code under test does: on a shared one the same
 * processor can be several times slower on another day.
 */
export function measureCalibration(): number {
  const records = Array.from({ length: RECORDS }, (_, at) => ({
    voter: `voter-${at}`,
    album: `Album ${at % 97}`,
    year: at,
  }));
  const text = JSON.stringify(records);
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++) {
    const before = process.cpuUsage();
    JSON.stringify(JSON.parse(text));
    const { user, system } = process.cpuUsage(before);
    shortest = Math.min(shortest, (user + system) / 1000);
  }
  return shortest;
}
