/** What the launcher shows: steps, the run, and how to go on. Colour and a bar on a terminal, plain lines elsewhere. */
import { colors as pc } from './colors.ts';

export type Terminal = {
  /** A step begins; on a terminal its line is replaced when it is done. */
  step(text: string): void;
  done(text: string): void;
  line(text: string): void;
  warn(text: string): void;
  fail(text: string): void;
  /** Keeps a bar below everything else; null takes it away. */
  bar(share: number | null, text?: string): void;
};

const BAR_CELLS = 28;

// A reader that went away (a closed terminal, `| head`) must not end the launcher before it has stopped what it started.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** All of it goes to stderr but what `result` prints, so that `npm start -- --once | tail -1` is the summary. */
export function openTerminal(out: NodeJS.WriteStream = process.stderr): Terminal {
  const live = out.isTTY === true;
  let footer = '';
  const write = (text: string) => out.write(live ? `\r\x1b[2K${text}\n${footer}` : `${text}\n`);
  const setFooter = (text: string) => {
    footer = text;
    if (live) out.write(`\r\x1b[2K${footer}`);
  };
  return {
    step: (text) => (live ? setFooter(`${pc.cyan('…')} ${text}`) : write(`  ${text} ...`)),
    done(text) {
      footer = '';
      write(`${pc.green('✓')} ${text}`);
    },
    line: (text) => write(text),
    warn: (text) => write(`${pc.yellow('!')} ${text}`),
    fail(text) {
      footer = '';
      write(`${pc.red('✗')} ${text}`);
    },
    bar(share, text = '') {
      if (!live) return;
      if (share === null) return setFooter('');
      const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
      setFooter(`${pc.green('━'.repeat(filled))}${pc.dim('━'.repeat(BAR_CELLS - filled))} ${text}`);
    },
  };
}

/** The one line that programs read. */
export function result(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
