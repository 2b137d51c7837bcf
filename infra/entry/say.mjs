// What the entry scripts print: one line per step, a bar on a terminal, one clear line on failure.

const terminal = process.stderr.isTTY === true;

/** Prints one line and ends the process with status 1. */
export function fail(line) {
  process.stderr.write(`\n${line}\n`);
  process.exit(1);
}

/**
 * Shows `read()` (a share from 0 to 1) until stopped: a bar on a terminal, a line every ten seconds elsewhere.
 * Returns the function that stops it.
 */
export function showProgress(label, read) {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const percent = () => `${Math.min(99, Math.floor(read() * 100))} %`;
  if (!terminal) process.stderr.write(`${label} ...\n`);
  const draw = () => {
    if (!terminal) return process.stderr.write(`${label} ... ${percent()} (${seconds()} s)\n`);
    const filled = Math.floor(Math.min(1, read()) * 24);
    process.stderr.write(`\r\x1b[2K${label} ${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${percent()} (${seconds()} s)`);
  };
  const timer = setInterval(draw, terminal ? 250 : 10_000);
  return (outcome) => {
    clearInterval(timer);
    process.stderr.write(`${terminal ? '\r\x1b[2K' : ''}${label}: ${outcome} (${seconds()} s)\n`);
  };
}
