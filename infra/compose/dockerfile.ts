/** Reads a Dockerfile as far as checking it without a container engine takes. @see https://docs.docker.com/reference/dockerfile/ */

export type Instruction = { readonly line: number; readonly name: string; readonly flags: readonly string[]; readonly value: string };
export type Stage = { readonly image: string; readonly name: string | null; readonly instructions: readonly Instruction[] };

const KNOWN = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(' '),
);

/** @throws Error naming the line of an unknown instruction, or of one before the first FROM. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { image: string; name: string | null; instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(text)) {
    if (!KNOWN.has(instruction.name)) throw new Error(`line ${instruction.line}: unknown instruction ${instruction.name}`);
    if (instruction.name === 'FROM') {
      const [image = '', as, name] = instruction.value.split(/\s+/);
      if (image === '' || (as !== undefined && (as.toUpperCase() !== 'AS' || !name)))
        throw new Error(`line ${instruction.line}: expected FROM image [AS name]`);
      stages.push({ image, name: name ?? null, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (!stage) {
      if (instruction.name === 'ARG') continue;
      throw new Error(`line ${instruction.line}: ${instruction.name} before the first FROM`);
    }
    stage.instructions.push(instruction);
  }
  return stages;
}

function instructionsOf(text: string): Instruction[] {
  const found: Instruction[] = [];
  let open: { line: number; text: string } | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const continues = content.endsWith('\\');
    const part = continues ? content.slice(0, -1).trim() : content;
    open = open === null ? { line: index + 1, text: part } : { line: open.line, text: `${open.text} ${part}` };
    if (continues) continue;
    found.push(toInstruction(open));
    open = null;
  }
  if (open !== null) throw new Error(`line ${open.line}: the last line continues into nothing`);
  return found;
}

function toInstruction({ line, text }: { line: number; text: string }): Instruction {
  const [name = '', ...words] = text.split(/\s+/);
  const flags = words.filter((word, index) => word.startsWith('--') && words.slice(0, index).every((before) => before.startsWith('--')));
  return { line, name: name.toUpperCase(), flags, value: words.slice(flags.length).join(' ') };
}
