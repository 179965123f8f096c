/** For the scripts of package.json: with `--help` it prints their usage and ends the process. */
export function printHelp(usage: string): void {
  if (!process.argv.includes('--help')) return;
  console.log(usage);
  process.exit(0);
}
