/** The samples of the manual, of all its pages or of one. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CodeBlock {
  /** Relative to docs/. */
  readonly page: string;
  /** Page and number of the sample on it, from 1: `concepts/tasks:2`. */
  readonly place: string;
  /** What follows the fence, `''` where nothing does. */
  readonly language: string;
  /** What follows the language: `no-ci`, `file=examples/hello/flow.ts`. */
  readonly info: string;
  readonly text: string;
}

const DOCS = join(import.meta.dirname, '../../docs');

/** In the order of the pages. Of a block in a list the indentation is taken away. */
export function codeBlocks(pages: readonly string[] = globSync('**/*.md', { cwd: DOCS }).sort()): CodeBlock[] {
  return pages.flatMap((page) => {
    const blocks = readFileSync(join(DOCS, page), 'utf8').matchAll(/^( *)```(\w*)([^\n]*)\n(.*?)^\1```$/gms);
    return [...blocks].map(([, indent = '', language = '', info = '', text = ''], i) => ({
      page,
      place: `${page.replace(/\.md$/, '')}:${i + 1}`,
      language,
      info: info.trim(),
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }));
  });
}
