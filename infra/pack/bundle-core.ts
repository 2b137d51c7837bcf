/**
 * Puts the modules that every program of a package loads into one file. Node spends most of an import on finding and reading
 * files: eighty small ones cost more than all that is in them.
 *
 * Each of those modules stays where it is, as a file that gives the same exports from the one. So there is one copy of
 * everything, whoever imports what by which path, and what is loaded later, by `import()`, is left as it is.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

const CORE = 'core.js';

/**
 * Other packages, and what is loaded later, stay imports; the latter by its path as text. Told which module that is, Rolldown leaves
 * nothing of an import of one that is also in the one file.
 */
const resolving = (dist: string): Plugin => ({
  name: 'core',
  resolveId: (source, importer, { kind }) => {
    if (!importer) return null;
    if (!source.startsWith('.')) return { id: source, external: true };
    const id = resolve(dirname(importer), source);
    return kind === 'dynamic-import' ? { id: from(join(dist, CORE), id), external: true } : { id };
  },
});

/** Bundles what `entries` (paths below `dist`) import statically; how many modules that were. @throws Error for what cannot be moved. */
export async function bundleCore(dist: string, entries: readonly string[]): Promise<number> {
  const modules = await staticallyImported(dist, entries);
  const named = modules.map(({ file, names }, i) => ({ file, names: names.map((name) => ({ name, alias: `m${i}_${name}` })) }));
  const entry = join(dist, '.core-entry.js');
  writeFileSync(entry, named.map(({ file, names }) => reexport(names, from(entry, file), 'in')).join(''));
  const bundle = await rolldown({ input: entry, logLevel: 'silent', plugins: [resolving(dist)] });
  await bundle.write({ file: join(dist, CORE), format: 'esm', comments: false });
  await bundle.close();
  rmSync(entry);
  for (const { file, names } of named) writeFileSync(file, reexport(names, from(file, join(dist, CORE)), 'out'));
  return modules.length;
}

type Module = { readonly file: string; readonly names: readonly string[] };

async function staticallyImported(dist: string, entries: readonly string[]): Promise<Module[]> {
  const input = entries.map((entry) => join(dist, entry));
  const found = new Map<string, readonly string[]>();
  const look: Plugin = {
    name: 'look',
    buildEnd() {
      const waiting = [...input];
      for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
        const info = isAbsolute(file) && !found.has(file) ? this.getModuleInfo(file) : null;
        if (!info) continue;
        found.set(file, info.exports.toSorted());
        waiting.push(...info.importedIds);
      }
    },
  };
  const bundle = await rolldown({ input, logLevel: 'silent', plugins: [resolving(dist), look] });
  await bundle.generate({ format: 'esm' });
  await bundle.close();
  for (const file of found.keys()) {
    const code = readFileSync(file, 'utf8').replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '');
    if (/\bimport\.meta\b/.test(code)) throw new Error(`${file}: expected no import.meta, which would name another file once it is moved`);
    if (/^export \*/m.test(code)) throw new Error(`${file}: expected no "export *"`);
  }
  return [...found].map(([file, names]) => ({ file, names }));
}

function reexport(names: readonly { name: string; alias: string }[], source: string, way: 'in' | 'out'): string {
  if (names.length === 0) return `import '${source}';\n`;
  const list = names.map(({ name, alias }) => (way === 'in' ? `${name} as ${alias}` : `${alias} as ${name}`));
  return `export { ${list.join(', ')} } from '${source}';\n`;
}

function from(file: string, target: string): string {
  const path = relative(dirname(file), target).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}
