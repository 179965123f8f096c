/** For the scripts of package.json: prints their usage and exits if `--help` is given. */
export function printHelp(usage: string): void {
  if (!process.argv.includes('--help')) return;
  console.log(usage);
  process.exit(0);
}
