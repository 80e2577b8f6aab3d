/** What to do about a failure, where it does not say so itself: by its code. Codes of damage share one advice. */
import type { Failure } from '../worker/protocol.ts';

const ADVICE: Readonly<Record<string, string>> = {
  truncated: 'The file ends too early: it was cut off while it was written or copied. Copy it again and compare the sizes.',
  trailing_bytes: 'Something was appended to the file. Copy it again from where it was made.',
  invalid: 'The file has been changed since it was written. Copy it again from where it was made, or open another backup.',
  unsupported_version: 'A newer version of VecVault wrote this file: open it with that version.',
  file_changed: 'The file changed or went away while it was read. Choose it again.',
  version_changed: 'The file changed while it was read. Open it again.',
  not_found: 'Check the address: the server has no such file.',
  permission_denied: 'The server refuses to give this file without signing in. Download it and open the file.',
  store_failed: 'Download the file and open it from your machine.',
  unavailable: 'Try again in a moment, or download the file and open it from your machine.',
  unreachable:
    'The address does not answer, its server does not allow other pages to read it (CORS), or this page\'s own policy forbids it. Download the file and open it from your machine.',
  unauthorized: 'Give the token that the server was started with.',
  backup_not_found: 'It has been deleted, or moved out of the server\'s directory. Go back to the list.',
  queue_full: 'Wait until something that runs has ended, and try again.',
  not_a_backup: 'A backup is one JSON object in a .backup file. Choose another file.',
  no_space: 'Make room on the disk, or choose another one.',
  worker_failed: 'Reload the page. If that does not help, your browser or its policy does not run WebAssembly.',
  not_loaded: 'See whether it still runs. If it was replaced by another version meanwhile, reload the page.',
  closed: 'Open the file again.',
  collection_not_found: 'Choose one of the collections that the overview lists.',
  internal: 'Reload the page and try again. If it happens again, please report it with this message.',
};

const DAMAGED = 'The file is not as it was written. Copy it again from where it was made, or open another backup.';

/** Whether a failure or a finding is that the file is something else altogether: that is no damage. */
export function isNoBackup({ code }: { readonly code: string }): boolean {
  return code === 'not_a_backup';
}

export function advice(failure: Failure): string | undefined {
  return failure.todo ?? ADVICE[failure.code] ?? (failure.offset === undefined ? undefined : DAMAGED);
}
