/** Commands that the operator of the installation runs beside the server: one line when they fail, and an exit code that says why. */

/** Wrong arguments exit with 2 and how it is called, all else that fails with 1. Arguments are refused by RangeErrors. */
export async function runOperatorCommand(usage: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const isUsage = error instanceof RangeError || String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS_');
    console.error(`error: ${(error as Error).message}${isUsage ? `\nusage: ${usage}` : ''}`);
    process.exitCode = isUsage ? 2 : 1;
  }
}
