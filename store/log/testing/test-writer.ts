import { logToStandardError } from '../../../log/logger.ts';
import { openLogStore } from '../open-log-store.ts';
import { testEntry } from './test-entries.ts';

/**
 * A process that appends entries until it is killed: `node test-writer.ts <LogSettings as JSON> <first> <step>`. It
 * prints the number of each entry that the log has confirmed, and repeats the others.
 */
logToStandardError();
const [settings = '', first = '0', step = '1'] = process.argv.slice(2);
const log = await openLogStore(JSON.parse(settings));
for (let n = Number(first); ; n += 5 * Number(step)) {
  const numbers = [0, 1, 2, 3, 4].map((each) => n + each * Number(step));
  const entries = numbers.map((each) => testEntry(each, { partition: each % 4, votes: [{}, {}, {}] }));
  while (!(await confirmed(entries)));
  process.stdout.write(`${numbers.join('\n')}\n`);
}

async function confirmed(entries: Parameters<typeof log.append>[0]): Promise<boolean> {
  try {
    await log.append(entries);
    return true;
  } catch (error) {
    process.stderr.write(`${error}\n`);
    return false;
  }
}
