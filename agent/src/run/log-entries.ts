/** Packs log lines into entries that fit a message. */
import type { LogLine } from '@signalbox/proto/messages';

const ENTRY_LINES = 1_000;
/** Half a message: two entries always share one, and JSON escapes have room. */
const ENTRY_BYTES = 90 * 1024;
const ATTRIBUTES_BYTES = 16 * 1024;

/** The same input is always cut the same way: what was stored of it before a kill is recognized by number. */
export function packLines(lines: readonly LogLine[]): LogLine[][] {
  const entries: LogLine[][] = [];
  let entry: LogLine[] = [];
  let bytes = 0;
  for (const line of lines.map(boundAttributes)) {
    const size = Buffer.byteLength(JSON.stringify(line));
    if (entry.length > 0 && (bytes + size > ENTRY_BYTES || entry.length >= ENTRY_LINES)) {
      entries.push(entry);
      entry = [];
      bytes = 0;
    }
    entry.push(line);
    bytes += size;
  }
  if (entry.length > 0) entries.push(entry);
  return entries;
}

function boundAttributes(line: LogLine): LogLine {
  const size = line.attributes === undefined ? 0 : JSON.stringify(line.attributes).length;
  if (size <= ATTRIBUTES_BYTES) return line;
  return { ...line, attributes: { note: `attributes of ${size} characters left out, at most ${ATTRIBUTES_BYTES} are kept` } };
}
