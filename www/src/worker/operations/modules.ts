/** The package's modules: those that this engine takes, from where the build put them. Each is loaded once. */
import { hasSimd, init, initAnalysis } from 'vecvault/slim';
import analysisWithSimd from 'vecvault/vecvault-analysis-simd.wasm';
import analysisWithout from 'vecvault/vecvault-analysis.wasm';
import withSimd from 'vecvault/vecvault-simd.wasm';
import without from 'vecvault/vecvault.wasm';

/** What opens, reads, verifies and builds. */
export function loadCore(): Promise<void> {
  return init(new URL(hasSimd() ? withSimd : without, import.meta.url));
}

/** What compares, counts and draws: as much again, so not before it is asked for. */
export function loadAnalysis(): Promise<void> {
  return initAnalysis(new URL(hasSimd() ? analysisWithSimd : analysisWithout, import.meta.url));
}
