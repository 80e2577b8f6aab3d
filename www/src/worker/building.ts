/** What a backup is built of, as the page and its worker speak of it. */

/** Files of one collection, as what they are read. */
export type Input =
  | { readonly kind: 'lines'; readonly file: File }
  | { readonly kind: 'csv'; readonly file: File; readonly columns: CsvColumns }
  | { readonly kind: 'npy'; readonly vectors: File; readonly lines: File | undefined };

/** Which columns of a CSV are what. All others are metadata. */
export interface CsvColumns {
  /** Where there is none, rows are numbered. */
  readonly id: string | undefined;
  /** One with lists of numbers, or several with one number each. */
  readonly vector: readonly string[];
  /** A column with JSON objects, which are the metadata then. */
  readonly metadata: string | undefined;
  /** Keep cells that read as numbers, `true` or `false` as text all the same. */
  readonly textOnly: boolean;
}

/** What files were found to be, from their first rows. */
export interface Preview {
  readonly input: Input;
  readonly dimension: number;
  /** How many records there are, where that is known without reading all. */
  readonly count: number | undefined;
  readonly rows: readonly PreviewRow[];
  /** Of a CSV: every column. */
  readonly columns: readonly string[];
  /** Of 64-bit numbers: how many of the first rows' do not fit 32 bits exactly, and how many there were. */
  readonly rounded: { readonly some: number; readonly of: number } | undefined;
}

export interface PreviewRow {
  readonly id: string;
  /** The first numbers, as they are written. */
  readonly vector: string;
  readonly metadata: string | undefined;
}

export interface BuildCollection {
  readonly name: string;
  readonly metric: string;
  readonly dimension: number;
  readonly input: Input;
}

/** What was built. */
export interface Built {
  readonly bytes: number;
  readonly blob: Blob | undefined;
  readonly id: string;
  readonly records: number;
  /** How many 64-bit numbers were rounded to 32 bits. */
  readonly rounded: number;
}
