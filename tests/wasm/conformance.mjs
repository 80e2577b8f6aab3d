// The conformance suite over a store written in JavaScript. It is in a module of its own, the core's twin; the stores and
// what joins them to the core are those of the package.

/** Loads the suite: the twin's glue and module, and the package's bridge. Gives what runs it, and gives the names of checks. */
export async function load({ glue, wasm, bridge }) {
  const { default: init, checkStore } = await import(glue);
  const { storeBridge } = await import(bridge);
  await init({ module_or_path: await wasm });
  return (store, listed = 1_100) => checkStore(storeBridge(store), listed);
}
