/** The file name of the worker's bundle, put in by the build. */
declare const WORKER_FILE: string;

declare module 'vecvault/vecvault.wasm' {
  /** Where the build put it, relative to the bundle. */
  const url: string;
  export default url;
}
