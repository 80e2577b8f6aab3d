/** Numbers as people read them. */

const count = new Intl.NumberFormat('en');
const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 1234567 -> `1,234,567`. */
export function number(value: number): string {
  return count.format(value);
}

/** 1536 -> `1.5 KiB`. */
export function bytes(value: number): string {
  let unit = 0;
  let scaled = value;
  while (scaled >= 1024 && unit < UNITS.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  if (unit === 0) return `${count.format(value)} ${value === 1 ? 'byte' : 'bytes'}`;
  return `${scaled >= 100 ? count.format(Math.round(scaled)) : one.format(scaled)} ${UNITS[unit]}`;
}

/** 95 -> `1 min 35 s`. */
export function duration(seconds: number): string {
  if (seconds < 1) return 'under a second';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 record`, `2 records`. */
export function plural(value: number, noun: string, many = `${noun}s`): string {
  return `${number(value)} ${value === 1 ? noun : many}`;
}

const moment = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' });

/** An RFC 3339 date as one of this place; the text itself where it is none. */
export function date(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : moment.format(at);
}

/** A share of 1 as `12 %`; small ones never as 0 %. */
export function share(value: number): string {
  if (value > 0 && value < 0.01) return 'under 1 %';
  if (value < 1 && value > 0.99) return 'over 99 %';
  return `${Math.round(value * 100)} %`;
}

/** The shortest decimal that reads back to the same 32-bit float. */
export function float32(value: number): string {
  if (Object.is(value, -0)) return '-0';
  for (let digits = 6; digits <= 9; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return String(shorter);
  }
  return String(value);
}

/** A number of four digits or so, for axes and summaries. */
export function rough(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}
