/** The last error a process told, else the last thing it said, for a person: its log may be plain text or JSON lines. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 16_384;

export function lastLine(file: string): string | null {
  const lines = tail(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const line = lines.findLast((text) => /\b(error|fatal|panic)\b/i.test(text)) ?? lines.findLast((text) => !isNoise(text));
  return line === undefined ? null : readable(line);
}

/** Stack frames and Node's footer tell a person nothing. */
const isNoise = (line: string): boolean => /^(at |Node\.js v|\}|\^)/.test(line);

function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter((part) => part !== undefined).join(': ') || line;
  } catch {
    return line;
  }
}

function tail(file: string): string {
  if (!existsSync(file)) return '';
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(handle, buffer, 0, buffer.length, Math.max(0, size - TAIL_BYTES));
    return buffer.toString('utf8');
  } finally {
    closeSync(handle);
  }
}
