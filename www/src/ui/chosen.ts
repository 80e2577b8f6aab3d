/** The chosen names, with one more or one less of them. */
export function choose(chosen: ReadonlySet<string>, name: string, is: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (is) next.add(name);
  else next.delete(name);
  return next;
}
