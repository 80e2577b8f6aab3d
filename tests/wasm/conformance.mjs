// The conformance suite over a store written in JavaScript, wherever the package's twin runs.

/** Loads the twin from its entry; `checkStore(store, listed)` gives the names of the checks that passed. */
export async function load(entry) {
  const vecvault = await import(entry);
  const glue = await import(entry.replace(/[^/]*$/, 'glue.js'));
  const bridge = await import(entry.replace(/[^/]*$/, 'bridge.js'));
  await vecvault.init();
  const checkStore = (store, listed = 1_100) => glue.checkStore(bridge.storeBridge(store), listed);
  return { ...vecvault, checkStore };
}
