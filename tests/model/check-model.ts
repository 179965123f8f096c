import fc from 'fast-check';
import { sequences, settle } from './commands.ts';
import { Partition } from './partition.ts';
import { TallyModel } from './tally-model.ts';

/**
 * Runs random sequences of commands against the model and a real partition, and compares them after each command.
 *
 * @returns the report of the shortest failing sequence found; undefined if all passed
 */
export async function checkModel({
  sequences: numRuns,
  seed,
}: {
  readonly sequences: number;
  readonly seed: number;
}): Promise<string | undefined> {
  await using partition = await Partition.open();
  const property = fc.asyncProperty(sequences, async (commands) => {
    const model = new TallyModel();
    await partition.reset();
    await fc.asyncModelRun(() => ({ model, real: partition }), commands);
    await settle(model, partition);
  });
  const details = await fc.check(property, { numRuns, seed });
  return details.failed ? `${fc.defaultReportMessage(details)}\n${details.errorInstance}` : undefined;
}
