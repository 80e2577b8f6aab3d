/** What to do about what the server refuses, by its codes. */
export const ADVICE: Readonly<Record<string, string>> = {
  backup_damaged: 'Restore an older backup, or the collections of this one that are whole, by name: Verify shows which they are.',
  conflict: 'Something like it is there already, or it has changed meanwhile. Load the list anew and look again.',
  backup_already_exists: 'The server has this backup. Compare the two where you are not sure that they are the same.',
  insufficient_storage: 'Make room on the server\'s disk: delete backups that are no longer needed.',
  payload_too_large: 'The server takes no file of this size: it can be put into its directory instead.',
  interrupted: 'The server ended meanwhile. What was done is done whole or not at all: look at the list.',
  host_not_allowed: 'The server must be started with this name allowed.',
  origin_not_allowed: 'Open the page by the server\'s own address.',
  server_unreachable: 'See whether the server still runs, and try again.',
};

/** Of a file that is not on the server, since it was refused. */
export const OF_UPLOADS: typeof ADVICE = {
  ...ADVICE,
  not_a_backup: 'The server keeps nothing of it. A backup is one JSON object in a .backup file. Choose another file.',
  backup_damaged: 'The server keeps nothing of it. Copy the file again from where it was made; open it in this page and verify it to see all of the damage.',
};
