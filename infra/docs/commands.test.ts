/**
 * Each command line of the manual is one that the command line understands: in a sample whole, in a sentence its name and options.
 * What is not `signalbox` is a file or a script that is there, with options that its source names.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { parseWorkspaceLimits } from '../../control-plane/src/domain/rules/workspace-limits.ts';
import type { Host } from '../../sdk/src/cli/host.ts';
import { createProgram } from '../../sdk/src/cli/program.ts';
import { codeBlocks } from './code-blocks.ts';

type Command = ReturnType<typeof createProgram>;

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;
const nowhere = () => Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), { isTTY: false, columns: 100 });
const host = { env: {}, stdout: nowhere(), stderr: nowhere() } as unknown as Host;

/** Lines of a shell, each as its words: continued lines joined, quotes taken away, comments left out. */
function commandsOf(text: string): string[][] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n');
  return lines
    .flatMap((line) => line.split(' && '))
    .map(wordsOf)
    .filter((words) => words.length > 0);
}

function wordsOf(line: string): string[] {
  const words = line.replace(/(^|\s)#.*$/, '').match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}

const samples = codeBlocks().flatMap(({ place, language, text }) => {
  const typed = language === 'console' ? [...text.matchAll(/^\$ (.*)$/gm)].map(([, line]) => line).join('\n') : text;
  return ['sh', 'bash', 'console'].includes(language) ? commandsOf(typed).map((words) => ({ place, words })) : [];
});
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT }).sort()];
const mentions = pages.flatMap((page) =>
  [...read(page).matchAll(/`(?:npx )?signalbox ([a-z][^`\n]*)`/g)].map(([, line = '']) => ({ page, words: wordsOf(line) })),
);

const named = pages.flatMap((page) => [...read(page).matchAll(/npm run ([a-z:]+)/g)].map(([, script = '']) => ({ page, script })));

/** What is wrong with it, or null. */
async function problemOf([command = '', ...words]: string[]): Promise<string | null> {
  switch (command) {
    case 'npx':
      return problemOf(words);
    case 'signalbox':
    case '@signalbox/sdk':
      return parse(words);
    case 'signalbox-agent':
      return optionsIn('agent/src/cli.ts', words);
    case 'node': {
      const [file = '', ...rest] = words;
      // The tutorial has its reader write it.
      return file.startsWith('examples/quickstart/') ? null : optionsIn(file, rest);
    }
    case 'npm':
      return words.some((word) => word === 'install' || word in scripts) ? null : 'no such script';
    case 'cd':
      return null;
    default: {
      const [, value] = /^SIGNALBOX_WORKSPACE_LIMITS=(.*)$/.exec(command) ?? [];
      if (value === undefined) return 'expected a command that this test knows';
      parseWorkspaceLimits(value);
      return null;
    }
  }
}

async function parse(words: string[]): Promise<string | null> {
  let isBound = false;
  const program = createProgram(host, () => async () => {
    isBound = true;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return isBound ? null : 'it calls nothing';
}

function optionsIn(file: string, words: string[]): string | null {
  if (!existsSync(join(ROOT, file))) return `no such file: ${file}`;
  const source = read(file);
  const isKnown = (word: string) => source.includes(word) || new RegExp(`\\b${word.slice(2)}['"]?:`).test(source);
  return words.filter((word) => word.startsWith('--') && !isKnown(word)).map((word) => `${file} has no ${word}`)[0] ?? null;
}

function unknownIn(words: string[]): string | null {
  let command: Command = createProgram(host, () => async () => {});
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (next) command = next;
    else if (command.commands.length > 0 && !word.startsWith('-')) return `no command ${word}`;
    else if (word.startsWith('--') && !optionsOf(command).includes(word)) return `no option ${word}`;
  }
  return null;
}

const optionsOf = (command: Command | null): (string | undefined)[] =>
  command ? [...command.options.map(({ long }) => long), ...optionsOf(command.parent)] : [];

test('the manual shows commands', () => {
  expect(samples.length).toBeGreaterThan(100);
  expect(mentions.length).toBeGreaterThan(40);
});

test('each command line of a sample is understood', async () => {
  const wrong = [];
  for (const { place, words } of samples) {
    const problem = await problemOf(words);
    if (problem) wrong.push(`${place}: ${words.join(' ')}: ${problem}`);
  }
  expect(wrong).toEqual([]);
});

test('each command that a sentence names is there, with its options', () => {
  const wrong = mentions.map(({ page, words }) => [`${page}: ${words.join(' ')}`, unknownIn(words)]).filter(([, problem]) => problem);
  expect(wrong).toEqual([]);
  expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
});

test('a command that is not there, an option too many and an argument too few are found', async () => {
  expect(await problemOf(['signalbox', 'runs', 'lst'])).toMatch(/unknown command/);
  expect(await problemOf(['signalbox', 'runs', 'ls', '--nope'])).toMatch(/unknown option/);
  expect(await problemOf(['signalbox', 'runs', 'show'])).toMatch(/missing required argument/);
  expect([unknownIn(['runs', 'lst']), unknownIn(['runs', 'ls', '--nope']), unknownIn(['runs', 'show', '<id>'])]).toEqual([
    'no command lst',
    'no option --nope',
    null,
  ]);
});
