/** The server's list as it is shown: whole and damaged backups in one order, newest first. */
import { Store } from '../../app/store.ts';
import type { BackupList, ServerBackup, ServerDamaged } from '../../server/types.ts';

/** The list as it came last. */
export const listed = new Store<readonly Entry[]>([]);

export type Entry =
  | { readonly kind: 'whole'; readonly id: string; readonly at: number; readonly backup: ServerBackup }
  | { readonly kind: 'damaged'; readonly id: string; readonly at: number; readonly damaged: ServerDamaged };

export function entriesOf({ backups, damaged = [] }: BackupList): readonly Entry[] {
  const entries: Entry[] = [
    ...backups.map((backup) => ({ kind: 'whole' as const, id: backup.id, at: Date.parse(backup.date), backup })),
    ...damaged.map((one) => ({ kind: 'damaged' as const, id: one.id, at: timeOfId(one.id) ?? 0, damaged: one })),
  ];
  return entries.sort((one, other) => other.at - one.at || (one.id < other.id ? 1 : -1));
}

/** Why a file does not open. Only damage is damage: the others may be whole. */
export function matterOf({ error_type: type }: ServerDamaged): 'damaged' | 'later' | 'unread' {
  if (type === 'backup_damaged') return 'damaged';
  return type === 'unsupported_format' ? 'later' : 'unread';
}

export function nameOf(entry: Entry): string {
  return entry.kind === 'whole' ? entry.backup.name : entry.id;
}

/** The time in an id of version 7, in milliseconds: what is known of a file that does not open. */
export function timeOfId(id: string): number | undefined {
  const digits = id.replaceAll('-', '');
  return digits[12] === '7' ? Number.parseInt(digits.slice(0, 12), 16) : undefined;
}
