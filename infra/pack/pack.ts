/**
 * Makes what npm gets of `proto`, `sdk` and `agent`: JavaScript and declarations, since Node strips no types below
 * `node_modules`; of the SDK what every flow loads is one file (bundle-core.ts). The API's types, which the SDK takes from the control plane, are copied into it.
 *
 * Command: `npm run pack` leaves the tarballs in dist/npm.
 */
import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../dev/paths.ts';
import { bundleCore } from './bundle-core.ts';

const execute = promisify(execFile);

/** In the order of their dependencies. */
const PACKAGES = ['proto', 'sdk', 'agent'] as const;
type PackageName = (typeof PACKAGES)[number];
/** What a flow file imports, and what a child is before it loads one. */
const CORES: { readonly [P in PackageName]?: readonly string[] } = { sdk: ['index.js', 'engine/child-session.js'] };
export type Tarballs = Readonly<Record<PackageName, string>>;

type Manifest = {
  name: string;
  version: string;
  exports: Record<string, string>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
};

const OUTPUT = join(ROOT, 'dist/npm');

/** Builds what the SDK is as npm gives it, and answers the file that an import of it loads. */
export async function buildSdk(output = join(ROOT, 'dist/npm-bench')): Promise<string> {
  rmSync(output, { recursive: true, force: true });
  for (const name of ['proto', 'sdk'] as const) await build(name, join(output, name));
  return join(output, 'sdk/dist/index.js');
}

/** Builds all three below dist/npm and answers the paths of their tarballs. @throws what the compiler says. */
export async function packPackages(): Promise<Tarballs> {
  rmSync(OUTPUT, { recursive: true, force: true });
  for (const name of PACKAGES) await build(name, join(OUTPUT, name));
  const packed = await Promise.all(PACKAGES.map(async (name) => [name, await tarball(join(OUTPUT, name))] as const));
  return Object.fromEntries(packed) as Tarballs;
}

async function build(name: PackageName, stage: string): Promise<void> {
  const home = join(ROOT, name);
  cpSync(join(home, 'src'), join(stage, 'src'), {
    recursive: true,
    filter: (file) => !/\.(test|test-d|contract)\.ts$|\/golden$/.test(file),
  });
  if (name === 'sdk') inlineRouter(stage);
  writeFileSync(join(stage, 'tsconfig.json'), JSON.stringify(compilerOptions(stage)));
  await execute(process.execPath, [join(ROOT, 'node_modules/typescript-native/bin/tsc'), '-p', stage]).catch(
    (error: { stdout?: string }) => {
      throw new Error(`${name} could not be built:\n${error.stdout ?? ''}`);
    },
  );
  // The compiler rewrites addresses in code only.
  for (const file of listFiles(join(stage, 'dist')).filter((file) => file.endsWith('.d.ts'))) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/(from |import\()(['"])(\.{1,2}\/[^'"]+)\.ts\2/g, '$1$2$3.js$2'));
  }
  const core = CORES[name];
  if (core) await bundleCore(join(stage, 'dist'), core);
  // Commands are JavaScript already; they name the TypeScript that lies beside them.
  for (const file of listFiles(join(stage, 'src')).filter((file) => file.endsWith('.mjs'))) {
    const text = readFileSync(file, 'utf8').replaceAll(/'(\.\/[^']+)\.ts'/g, "'$1.js'");
    writeFileSync(join(stage, 'dist', relative(join(stage, 'src'), file)), text, { mode: 0o755 });
  }
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest;
  writeFileSync(join(stage, 'package.json'), JSON.stringify(published(manifest), null, 2));
  cpSync(join(home, 'README.md'), join(stage, 'README.md'));
  cpSync(join(ROOT, 'LICENSE'), join(stage, 'LICENSE'));
}

/** `client/router.ts` alone names the control plane, and its API is one file of types. */
function inlineRouter(stage: string): void {
  const router = join(stage, 'src/client/router.ts');
  const text = readFileSync(router, 'utf8');
  const inlined = text.replace("'@signalbox/control-plane/api'", "'./control-plane-api.ts'");
  if (inlined === text) throw new Error('sdk/src/client/router.ts: expected an import of @signalbox/control-plane/api');
  writeFileSync(router, inlined);
  cpSync(join(ROOT, 'control-plane/src/api.ts'), join(stage, 'src/client/control-plane-api.ts'));
}

function compilerOptions(stage: string) {
  const built = (name: PackageName, path: string) => [`./${relative(stage, join(stage, '..', name, 'dist', path))}.d.ts`];
  return {
    extends: join(ROOT, 'tsconfig.base.json'),
    include: ['src/**/*.ts'],
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: 'src',
      outDir: 'dist',
      // The workspace's links lead to sources; here the packages are what npm gets.
      paths: {
        '@signalbox/proto': built('proto', 'index'),
        '@signalbox/proto/api': built('proto', 'api/index'),
        '@signalbox/proto/messages': built('proto', 'messages/index'),
        '@signalbox/proto/subjects': built('proto', 'subjects'),
        '@signalbox/sdk': built('sdk', 'index'),
        '@signalbox/sdk/client': built('sdk', 'client/index'),
      },
    },
  };
}

function published({ devDependencies = {}, ...manifest }: Manifest) {
  const { scripts: _, ...kept } = manifest as Manifest & { scripts?: unknown };
  const exported = Object.entries(manifest.exports).map(([name, file]) => {
    const built = file.replace('./src/', './dist/').replace(/\.ts$/, '');
    return [name, { types: `${built}.d.ts`, default: `${built}.js` }];
  });
  const bin = Object.entries(manifest.bin ?? {}).map(([name, file]) => [name, file.replace('./src/', './dist/')]);
  // The types of a client speak of tRPC's server, which its client asks for as a peer.
  const peer = '@trpc/client' in (manifest.dependencies ?? {}) ? { '@trpc/server': devDependencies['@trpc/server'] } : {};
  return {
    ...kept,
    files: ['dist'],
    engines: { node: '>=22.12' },
    exports: { ...Object.fromEntries(exported), './package.json': './package.json' },
    ...(bin.length > 0 ? { bin: Object.fromEntries(bin) } : {}),
    dependencies: { ...manifest.dependencies, ...peer },
  };
}

async function tarball(stage: string): Promise<string> {
  const { stdout } = await execute('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', OUTPUT], { cwd: stage });
  const answer = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>;
  const [packed] = Object.values(answer);
  if (!packed) throw new Error(`npm pack answered nothing for ${stage}`);
  return join(OUTPUT, packed.filename);
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

if (import.meta.main) {
  for (const file of Object.values(await packPackages())) console.log(relative(ROOT, file));
}
