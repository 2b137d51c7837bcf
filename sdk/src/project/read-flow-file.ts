/** What a flow file exports, found by importing it in a process of its own: what it does to that process harms nobody. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlowFile } from '../list-flows.ts';

// The extension of this file: sources run as they are, a published package is JavaScript.
const PROGRAM = fileURLToPath(new URL(`../list-flows${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url));
const PATIENCE_MS = 20_000;
const MAX_OUTPUT = 16 * 1024 * 1024;

/** Never throws: a file that ends the process, waits for ever or prints garbage has that as its `problem`. */
export function readFlowFile(url: string, nodeArguments: readonly string[], cwd?: string): Promise<FlowFile> {
  const args = [...nodeArguments, PROGRAM, url];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd, timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT },
      (error, stdout, stderr) => {
        const answer = parse(stdout);
        if (answer) return resolve(answer);
        const why = error?.killed
          ? `was not imported within ${PATIENCE_MS / 1000} s: does it wait for something at its top level?`
          : (lastLine(stderr) ?? 'ended the process while it was imported');
        resolve({ flows: [], deployments: [], exports: [], problem: { code: null, message: why } });
      },
    );
  });
}

function parse(stdout: string): FlowFile | null {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as FlowFile;
  } catch {
    return null;
  }
}

function lastLine(text: string): string | null {
  const lines = text.trim().split('\n');
  return lines.find((line) => /Error/.test(line)) ?? (lines.at(-1) || null);
}
