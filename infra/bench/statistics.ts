/** Small numbers for tables: quantiles of a sample, medians of repeats. */

/** Nearest-rank quantile, `q` from 0 to 1. @throws RangeError when the sample is empty. */
export function quantile(sample: readonly number[], q: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('a quantile of an empty sample');
  return value;
}

export const median = (sample: readonly number[]): number => quantile(sample, 0.5);
