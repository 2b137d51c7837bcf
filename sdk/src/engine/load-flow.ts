/** Finds a deployment's flow in the code it names. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClaimedRun } from '@signalbox/proto/messages';
import type { AnyFlow } from '../flow-definition.ts';
import { isFlow } from '../flow-definition.ts';
import { loadModule } from '../loading.ts';

type CodeSource = ClaimedRun['source'];

/** The flow. @throws Error that names the file and what is wrong: missing, does not load, exports no flow. */
export async function loadFlow(source: CodeSource): Promise<AnyFlow> {
  const { where, url } = locate(source);
  const exports = await importModule(where, url);
  const wanted = exports[source.exportName];
  if (isFlow(wanted)) return wanted;
  if (typeof wanted === 'function') {
    const { backgroundFlow, isTask } = await import('../background.ts');
    if (isTask(wanted)) return backgroundFlow(wanted);
  }
  const flows = Object.entries(exports).filter(([, value]) => isFlow(value));
  const [only] = flows;
  if (only && flows.length === 1) return only[1] as AnyFlow;
  const found = flows.length === 0 ? 'it exports no flow' : `its flows are exported as ${flows.map(([name]) => name).join(', ')}`;
  throw new Error(`${where}: expected a flow exported as "${source.exportName}", but ${found}`);
}

function locate(source: CodeSource): { where: string; url: string } {
  switch (source.kind) {
    case 'path': {
      const file = path.resolve(source.root, source.entrypoint);
      const isInside = file.startsWith(path.resolve(source.root) + path.sep);
      if (!isInside) throw new Error(`entrypoint: expected a file inside ${source.root}, got ${source.entrypoint}`);
      return { where: file, url: pathToFileURL(file).href };
    }
    case 'module':
      return { where: `package ${source.module}`, url: resolvePackage(source.module) };
    default:
      return source satisfies never;
  }
}

/** A package as the working folder sees it; one without a `require` entry, as this package sees it. */
function resolvePackage(name: string): string {
  try {
    return pathToFileURL(createRequire(path.join(process.cwd(), 'package.json')).resolve(name)).href;
  } catch {
    return name;
  }
}

async function importModule(where: string, url: string): Promise<Record<string, unknown>> {
  try {
    return await loadModule(url);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNSUPPORTED_DIR_IMPORT';
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${where} could not be ${missing ? 'found' : 'loaded'}: ${reason}`, { cause: error });
  }
}
