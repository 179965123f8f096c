/**
 * Files that tests alone use: each has an importer, and every importer is a test, another such file, or a file of a room
 * that never ships.
 *
 * @param importers file -> the files that import it
 * @param neverShips whether a file is a test or of a room that never ships
 */
export function findTestSupport(
  importers: ReadonlyMap<string, readonly string[]>,
  neverShips: (file: string) => boolean,
): Set<string> {
  const support = new Set<string>();
  for (let grew = true; grew; ) {
    grew = false;
    for (const [file, by] of importers) {
      if (support.has(file) || !by.every((importer) => neverShips(importer) || support.has(importer))) continue;
      support.add(file);
      grew = true;
    }
  }
  return support;
}
