/** Names of the files in a backup folder. */
export const BACKUP_FILES = { contests: 'contests.json', secret: 'secret', log: 'votes.db' } as const;
