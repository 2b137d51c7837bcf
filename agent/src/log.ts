/** Structured logs on stdout. Nothing secret is ever handed in; what is named like one is the last net. */
import pino, { type Logger } from 'pino';

const SECRETS: ReadonlySet<string> = new Set(['jwt', 'token', 'joinCode', 'seed']);
/** What is said within so long is one write: in a flood of short runs each line took a trip through the thread pool. */
const WRITE_AFTER_MS = 50;
const WRITE_BYTES = 4_096;

export function createLog(level: string): Logger {
  return pino({ level, base: { service: 'agent' }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { log: censored } }, gathered());
}

function gathered(): pino.DestinationStream {
  const stdout = pino.destination({ fd: process.stdout.fd, minLength: WRITE_BYTES, sync: false });
  let isDue = false;
  const flush = () => {
    isDue = false;
    stdout.flush();
  };
  const write = (line: string) => {
    stdout.write(line);
    if (!isDue) setTimeout(flush, WRITE_AFTER_MS).unref();
    isDue = true;
  };
  return { write };
}

/** As it is, but for what is named like a secret, one level down too. */
export function censored(line: Record<string, unknown>, isTop = true): Record<string, unknown> {
  let made: Record<string, unknown> | null = null;
  for (const name in line) {
    const value = line[name];
    const isNested = isTop && typeof value === 'object' && value !== null && !(value instanceof Error);
    const told = SECRETS.has(name) ? '[secret]' : isNested ? censored(value as Record<string, unknown>, false) : value;
    if (told === value) continue;
    made ??= { ...line };
    made[name] = told;
  }
  return made ?? line;
}
