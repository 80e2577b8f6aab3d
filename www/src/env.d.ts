/** The file name of the worker's bundle, put in by the build. */
declare const WORKER_FILE: string;

/** The file name of the style of views that do not come first. */
declare const LATER_STYLES_FILE: string;

declare module 'vecvault/*.wasm' {
  /** Where the build put it, relative to the bundle. */
  const url: string;
  export default url;
}

interface SaveFilePickerOptions {
  suggestedName?: string;
  types?: { description?: string; accept: Record<string, string[]> }[];
}

interface Window {
  /** Where the browser can stream to disk: https://wicg.github.io/file-system-access/ */
  showSaveFilePicker?(options?: SaveFilePickerOptions): Promise<FileSystemFileHandle>;
}

interface FileSystemHandle {
  /** Where there is more than the standard: https://fs.spec.whatwg.org/ has it as a proposal. */
  remove?(): Promise<void>;
}
