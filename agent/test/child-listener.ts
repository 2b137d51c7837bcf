/** Collects what a child does, and lets a test wait for a fact about it. */
import type { FromChild, RunEpoch } from '@signalbox/proto/messages';
import { Bell } from '../src/bell.ts';
import type { Child, ChildEvents, ChildExit, OutputLine, OutputOffsets } from '../src/launchers/launcher.ts';

export class ChildListener implements ChildEvents {
  readonly frames: FromChild[] = [];
  readonly lines: Array<OutputLine & { stream: string }> = [];
  readonly offsets = { stdout: 0, stderr: 0 };
  hellos: Array<RunEpoch | null> = [];
  exit: ChildExit | null = null;
  readonly #bell = new Bell();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  static attach(child: Child, signal: AbortSignal, from: OutputOffsets | null = { stdout: 0, stderr: 0 }): ChildListener {
    const listener = new ChildListener(signal);
    child.attach(listener, from);
    return listener;
  }

  connected(holding: RunEpoch | null): void {
    this.hellos.push(holding);
    this.#bell.ring();
  }

  frame(frame: FromChild): void {
    this.frames.push(frame);
    this.#bell.ring();
  }

  malformed(): void {}

  output(stream: 'stdout' | 'stderr', lines: readonly OutputLine[], to: number): void {
    this.lines.push(...lines.map((line) => ({ ...line, stream })));
    this.offsets[stream] = to;
    this.#bell.ring();
  }

  exited(exit: ChildExit): void {
    this.exit = exit;
    this.#bell.ring();
  }

  text(stream: string): string {
    return this.lines
      .filter((line) => line.stream === stream)
      .map((line) => line.text + (line.continues ? '' : '\n'))
      .join('');
  }

  async until(fact: () => boolean): Promise<void> {
    while (!fact()) {
      if (this.#signal.aborted)
        throw new Error(`gave up waiting for ${fact}; frames ${JSON.stringify(this.frames)}; exit ${JSON.stringify(this.exit)}`);
      await this.#bell.wait(this.#signal);
    }
  }
}
