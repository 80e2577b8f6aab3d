/**
 * NumPy's array files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * Read are matrices of 32- or 64-bit floats, little-endian and in C order: a row is a vector. Everything else is
 * refused with what to do about it in NumPy.
 */
import { VecVaultError } from 'vecvault/slim';

export interface NpyHeader {
  readonly bits: 32 | 64;
  readonly rows: number;
  readonly dimension: number;
  /** Where the numbers begin. */
  readonly start: number;
}

const MAGIC = '\x93NUMPY';
/** Far more than a header of a matrix has. */
const LONGEST_HEADER = 65_536;
const MOST_DIMENSIONS = 65_536;
const DICT = /^\{\s*(?:'(?:descr|fortran_order|shape)'\s*:\s*(?:'[^']*'|True|False|\([\d\s,]*\))\s*,?\s*)*\}\s*$/;
const MEMBER = /'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d\s,]*\))/g;

/** Whether a file begins as one. */
export async function isNpy(file: Blob): Promise<boolean> {
  return latin1(await bytesOf(file, 0, MAGIC.length)) === MAGIC;
}

/** Reads the header, and holds the file's size to it. */
export async function npyHeader(file: File): Promise<NpyHeader> {
  const refuse = (problem: string) => new VecVaultError(`${file.name}: ${problem}`, { code: 'invalid_input' });
  const head = await bytesOf(file, 0, 12);
  if (latin1(head.subarray(0, 6)) !== MAGIC || head.length < 12) throw refuse('it does not begin as a .npy file');
  const major = head[6] ?? 0;
  if (major < 1 || major > 3) throw refuse(`its version ${major} is none that is known`);
  const view = new DataView(head.buffer, head.byteOffset);
  const [length, from] = major === 1 ? [view.getUint16(8, true), 10] : [view.getUint32(8, true), 12];
  if (length > LONGEST_HEADER) throw refuse('its header is too long to be that of a matrix');
  const bytes = await bytesOf(file, from, from + length);
  if (bytes.length < length) throw refuse('it ends within its header');
  const header = { ...described(latin1(bytes), refuse), start: from + length };
  const expected = header.start + header.rows * header.dimension * (header.bits / 8);
  if (file.size !== expected) {
    throw refuse(`${header.rows} rows of ${header.dimension} numbers make ${expected} bytes; the file has ${file.size}. Copy it again`);
  }
  return header;
}

function described(text: string, refuse: (problem: string) => VecVaultError): Pick<NpyHeader, 'bits' | 'rows' | 'dimension'> {
  const members = [...text.matchAll(MEMBER)];
  const values = new Map(members.map(([, name, value]) => [name, value]));
  if (!DICT.test(text.trim()) || members.length !== 3 || values.size !== 3) {
    const hint = text.includes('[') ? 'its elements are records. Save one field: numpy.save(path, array["vector"])' : 'its header is not that of a plain array';
    throw refuse(hint);
  }
  const descr = values.get('descr');
  const bits = descr === "'<f4'" ? 32 : descr === "'<f8'" ? 64 : undefined;
  if (!bits) throw refuse(`its numbers are ${descr}; little-endian 32- or 64-bit floats are read. Save array.astype("<f4")`);
  if (values.get('fortran_order') !== 'False') throw refuse('it is in Fortran order. Save numpy.ascontiguousarray(array)');
  const shape = (values.get('shape') ?? '').replace(/[()\s]/g, '').split(',').filter((part) => part !== '').map(Number);
  const [rows = 0, dimension = 0] = shape;
  if (shape.length !== 2) throw refuse(`it has ${shape.length} axes; a matrix has two, one row a vector`);
  if (!Number.isSafeInteger(rows * dimension) || dimension < 1 || dimension > MOST_DIMENSIONS) {
    throw refuse(`vectors of ${dimension} numbers; 1 to ${MOST_DIMENSIONS} are possible`);
  }
  return { bits, rows, dimension };
}

/** Rows as 32-bit floats, and how many of their numbers had to be rounded for it. */
export async function npyRows(file: Blob, { bits, dimension, start }: NpyHeader, from: number, to: number): Promise<{ vectors: Float32Array; rounded: number }> {
  const width = dimension * (bits / 8);
  const buffer = await file.slice(start + from * width, start + to * width).arrayBuffer();
  if (bits === 32) return { vectors: floats32(buffer), rounded: 0 };
  const view = new DataView(buffer);
  const vectors = new Float32Array((to - from) * dimension);
  let rounded = 0;
  for (let at = 0; at < vectors.length; at += 1) {
    const value = view.getFloat64(at * 8, true);
    vectors[at] = value;
    // What is not a number is refused later, with its record.
    if (vectors[at] !== value && !Number.isNaN(value)) rounded += 1;
  }
  return { vectors, rounded };
}

function floats32(buffer: ArrayBuffer): Float32Array {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) return new Float32Array(buffer);
  const view = new DataView(buffer);
  return Float32Array.from({ length: buffer.byteLength / 4 }, (_, at) => view.getFloat32(at * 4, true));
}

async function bytesOf(file: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.slice(start, end).arrayBuffer());
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
