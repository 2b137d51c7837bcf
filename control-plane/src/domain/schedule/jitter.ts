/**
 * How much later than its instant a fire starts: 0 to `jitterMs`, always the same for one schedule and instant, so that
 * whoever computes it, and however often, agrees. Never early; two fires change places only when less than `jitterMs` apart.
 */
export function jitterOf(scheduleId: string, instantMs: number, jitterMs: number): number {
  if (jitterMs <= 0) return 0;
  return Math.floor((hash(`${scheduleId}@${instantMs}`) / 2 ** 32) * (jitterMs + 1));
}

/** FNV-1a, then the finisher of MurmurHash3, which spreads neighbouring instants. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
