/** A run without a control plane asks whoever sits at its terminal. */
import { createInterface } from 'node:readline/promises';
import type { ApproveCall, PauseCall, PauseReply } from '@signalbox/proto/messages';
import { SignalboxError } from '../client/signalbox-error.ts';

/** @throws SignalboxError when nobody is there to answer. */
export async function answerLocally(op: PauseCall | ApproveCall): Promise<PauseReply> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) {
    const message = `"${op.key}" waits for a person, and this run has neither a control plane nor a terminal. Deploy the flow, or run it in a terminal.`;
    throw new SignalboxError({ code: 'UNAVAILABLE', message });
  }
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    stderr.write(`\n${op.message ?? `The run waits (${op.key}).`}\n`);
    if (op.inputSchema === null) {
      await lines.question('Press Enter to go on. ');
      return { status: 'answered', input: { encoding: 'json', body: {} } };
    }
    const body: Record<string, unknown> = {};
    const properties = (op.inputSchema['properties'] ?? {}) as Record<string, { description?: string; type?: string }>;
    for (const [name, schema] of Object.entries(properties)) {
      const text = await lines.question(`${schema.description ?? name}${schema.type ? ` (${schema.type})` : ''}: `);
      if (text !== '') body[name] = typedValue(text, schema.type);
    }
    return { status: 'answered', input: { encoding: 'json', body } };
  } finally {
    lines.close();
  }
}

/** What was typed: a text where the schema wants one, else JSON where it is. */
function typedValue(text: string, type: string | undefined): unknown {
  if (type === 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
