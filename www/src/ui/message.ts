/** What the core says of a place in a file, without the place where that is shown by itself. */

interface Placed {
  readonly message: string;
  readonly offset?: number;
  readonly block?: number | null;
  readonly bytes?: number | null;
}

/** `backup source: data.docs, at byte 7: block 0, bytes 7 to 9: its hash …` -> `its hash …`. */
export function withoutPlace({ message, offset, block, bytes }: Placed): string {
  if (offset === undefined) return message;
  const place = `, at byte ${offset}: `;
  const at = message.indexOf(place);
  const rest = at < 0 ? message : message.slice(at + place.length);
  const which = `block ${block}, bytes ${offset} to ${offset + (bytes ?? 0)}: `;
  return rest.startsWith(which) ? rest.slice(which.length) : rest;
}

/** A message as a sentence. One that begins with a name, as `bad.jsonl` or an address, begins as that is written. */
export function sentence(text: string): string {
  const begun = text.replace(/^[a-z]+(?=[\s,;]|:\s|$)/, (word) => `${word[0]?.toUpperCase()}${word.slice(1)}`);
  return begun && `${begun}${/[.!?…]$/.test(begun) ? '' : '.'}`;
}
