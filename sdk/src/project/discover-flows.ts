/** Which files of a project export flows, and why others do not. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ListedFlow } from '../list-flows.ts';
import type { Project } from './find-config.ts';
import { readFlowFile } from './read-flow-file.ts';
import { locateLoader } from './use-loader.ts';

const CODE = '{ts,mts,cts,js,mjs,cjs}';
const DEFAULT_FLOWS = [`flow.${CODE}`, `*.flow.${CODE}`, `**/flow.${CODE}`, `**/*.flow.${CODE}`, `{,src/}flows/**/*.${CODE}`];
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'coverage', 'build']);
const SKIPPED_FILES = /\.(test|spec|d)\.[cm]?[jt]s$|^signalbox\.config\./;
/** Two processors are kept busy; more would only wait. */
const AT_ONCE = 3;
const MAX_FILES = 500;

/** A file that was looked at. Without flows, `why` says the reason and `hint` what to do about it. */
export interface DiscoveredFile {
  /** Relative to the project, with `/`. */
  readonly file: string;
  readonly flows: readonly ListedFlow[];
  readonly deployments: readonly string[];
  readonly why: string | null;
  readonly hint: string | null;
}

/** In the order of their names. @throws Error when the loader is not installed, or more than 500 files match. */
export async function discoverFlows(project: Project): Promise<DiscoveredFile[]> {
  const loader = locateLoader(project);
  const files = listFlowFiles(project);
  const found: DiscoveredFile[] = new Array(files.length);
  let next = 0;
  const work = async () => {
    for (let i = next++; i < files.length; i = next++) found[i] = await look(project, files[i] ?? '', loader);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

/** Files that may export flows, relative to the project. */
export function listFlowFiles({ root, config }: Project): string[] {
  const patterns = config.flows === undefined ? DEFAULT_FLOWS : [config.flows].flat();
  const isSkipped = (name: string) => SKIPPED_FOLDERS.has(name) || (name.startsWith('.') && name.length > 1);
  const files = globSync(patterns, { cwd: root, exclude: (each) => isSkipped(path.basename(each)) });
  const names = [...new Set(files.map((file) => file.split(path.sep).join('/')))].filter(
    (file) => !SKIPPED_FILES.test(path.posix.basename(file)),
  );
  if (names.length > MAX_FILES)
    throw new Error(`flows: expected at most ${MAX_FILES} files, got ${names.length} that match ${patterns.join(', ')}`);
  return names.sort();
}

async function look({ root }: Project, file: string, loader: string | null): Promise<DiscoveredFile> {
  const absolute = path.join(root, file);
  const { flows, deployments, exports, problem } = await readFlowFile(
    pathToFileURL(absolute).href,
    loader ? ['--import', loader] : [],
    root,
  );
  if (problem) return { file, flows, deployments, why: problem.message, hint: hintFor(problem.code, problem.message) };
  if (flows.length > 0) return { file, flows, deployments, why: null, hint: null };
  const callsFlow = /\bflow\(/.test(readFileSync(absolute, 'utf8'));
  const why = callsFlow
    ? 'calls flow() and does not export what it gives'
    : `exports no flow (exports: ${exports.filter((name) => name !== 'module.exports').join(', ') || 'none'})`;
  return { file, flows, deployments, why, hint: callsFlow ? 'export const report = flow(...): agents find a flow by its export' : null };
}

/** What to do when a file cannot be imported. */
export function hintFor(code: string | null, message: string): string | null {
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return "Node only strips types: npm install --save-dev tsx, and loader: 'tsx' in signalbox.config.ts (for Nest's decorators: @swc-node/register, loader: '@swc-node/register/esm-register')";
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return `Node ${process.versions.node} does not run TypeScript by itself: use 22.18 or newer, or set a loader such as tsx in signalbox.config.ts`;
    case 'ERR_MODULE_NOT_FOUND':
      return /node_modules/.test(message) || !/[\\/][^'"]*'? imported/.test(message)
        ? 'install what it imports, here and where the agent runs'
        : "Node wants the whole name of an imported file ('./x.ts'); a loader such as tsx finds './x' and './x.js' too";
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return 'Node strips no types below node_modules: import the built JavaScript of that package, or set a loader';
    default:
      return null;
  }
}
