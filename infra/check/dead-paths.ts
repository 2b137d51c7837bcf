/** Fails when a document names a file of the repository that is not there: in links, and in `code` that looks like a path. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '../dev/paths.ts';

export type DeadPath = { readonly document: string; readonly line: number; readonly path: string };

/** First folders of the repository; a path in `code` counts when it begins with one, so that `src/index.ts` of a reader's project does not. */
const TOP_FOLDERS = /^(proto|sdk|agent|control-plane|web|infra|examples|docs|\.ci)\//;
const LINK = /\]\((?<path>[^)\s]+)\)/g;
const CODE = /`(?<path>[\w@.\-/[\]()]+)`/g;

export function deadPaths(document: string, text: string): DeadPath[] {
  return text.split('\n').flatMap((content, index) => {
    const links = [...content.matchAll(LINK)].map((match) => match.groups?.['path'] ?? '').filter(isLocalLink);
    const named = [...content.matchAll(CODE)].map((match) => match.groups?.['path'] ?? '').filter((path) => TOP_FOLDERS.test(path));
    const dead = [
      ...links.filter((path) => !existsSync(join(ROOT, dirname(document), path.replace(/#.*$/, '')))),
      ...named.filter((path) => !existsSync(join(ROOT, path.replace(/:\d+$/, '')))),
    ];
    return dead.map((path) => ({ document, line: index + 1, path }));
  });
}

const isLocalLink = (path: string): boolean => path !== '' && !/^([a-z]+:|#|\/)/.test(path);

if (import.meta.main) {
  const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(ROOT, path)));
  const dead = documents.flatMap((path) => deadPaths(path, readFileSync(join(ROOT, path), 'utf8')));
  for (const { document, line, path } of dead) console.error(`${relative('.', document)}:${line}: there is no ${path}`);
  if (dead.length > 0) process.exitCode = 1;
}
