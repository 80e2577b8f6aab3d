/** The part of https://www.papaparse.com/docs that is used. */
declare module 'papaparse' {
  interface Parsed {
    readonly data: string[][];
    readonly errors: readonly { readonly type: 'Quotes' | 'Delimiter' | 'FieldMismatch'; readonly message: string; readonly row?: number }[];
    readonly meta: { readonly delimiter: string; readonly linebreak: string };
  }
  const Papa: { parse(text: string, options: { delimiter: string; newline: string; skipEmptyLines: 'greedy' }): Parsed };
  export default Papa;
}
