import { number } from './format.ts';

/** `the block of 140798 bytes` -> `the block of 140,798 bytes`: as the numbers that stand beside it. */
export function grouped(text: string): string {
  return text.replace(/\b\d{4,}(?= bytes?\b)|(?<=\bbytes? (?:\d+ to )?)\d{4,}/g, (digits) => number(Number(digits)));
}
