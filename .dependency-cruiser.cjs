// Which way imports point: docs/ARCHITECTURE.md draws it, this file holds it. Paths are patterns, so a new feature is covered on its first day.
const TESTS = '\\.(test|contract)\\.tsx?$|^(control-plane|agent)/test/';
const ANY_PACKAGE = '^(proto|sdk|agent|control-plane|web|infra|examples)/';

/** What `from` may import of the workspace: itself and `allowed`, nothing else. */
const packageMayImport = (name, allowed) => ({
  name: `${name}-imports`,
  comment: `${name} may import ${allowed.length === 0 ? 'no other package' : allowed.join(', ')} of the workspace`,
  severity: 'error',
  from: { path: `^${name}/`, pathNot: TESTS },
  to: { path: ANY_PACKAGE, pathNot: [`^${name}/`, ...allowed] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'No circle of imports; types load nothing, and a dynamic import loads later',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: ['^bun:', '\\.css$'] } },

    packageMayImport('proto', []),
    packageMayImport('sdk', ['^proto/', '^control-plane/src/api\\.ts$']),
    packageMayImport('agent', ['^proto/', '^sdk/']),
    packageMayImport('control-plane', ['^proto/']),
    packageMayImport('web', ['^proto/', '^sdk/src/client/', '^control-plane/src/api\\.ts$']),
    packageMayImport('examples', ['^sdk/']),
    {
      name: 'router-type-only',
      comment: 'sdk and web know the router as a type; its code stays in the control plane',
      severity: 'error',
      from: { path: '^(sdk|web)/' },
      to: { path: '^control-plane/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'agent-knows-the-client',
      comment: 'The supervisor never loads what runs user code; the child comes from the user’s own copy of the SDK',
      severity: 'error',
      from: { path: '^agent/src/', pathNot: TESTS },
      to: { path: '^sdk/src/(engine|index|flow|task)', dependencyTypesNot: ['type-only'] },
    },

    {
      name: 'domain-is-pure',
      comment: 'domain/ decides and sees neither services nor platform: pass facts in',
      severity: 'error',
      from: { path: '^control-plane/src/domain/', pathNot: TESTS },
      to: { path: '^control-plane/', pathNot: '^control-plane/src/domain/' },
    },
    {
      name: 'domain-libraries',
      comment: 'domain/ may use proto and pure libraries of cron, rrule and time zones',
      severity: 'error',
      from: { path: '^control-plane/src/domain/', pathNot: TESTS },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg'], pathNot: ['^proto/', 'node_modules/(croner|rrule|zod)/'] },
    },
    {
      name: 'features-through-index',
      comment: 'Another feature is reached through its index.ts alone',
      severity: 'error',
      from: { path: '^control-plane/src/features/([^/]+)/', pathNot: TESTS },
      to: {
        path: '^control-plane/src/features/([^/]+)/',
        pathNot: ['^control-plane/src/features/$1/', '^control-plane/src/features/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'platform-is-below-features',
      comment: 'platform, ports and adapters are what features stand on',
      severity: 'error',
      from: { path: '^control-plane/src/(platform|ports|adapters)/', pathNot: TESTS },
      to: { path: '^control-plane/src/features/' },
    },
    {
      name: 'prisma-stops-at-the-store',
      comment: 'Types of Prisma stop at a feature’s store and at platform/',
      severity: 'error',
      from: { path: '^control-plane/src/features/', pathNot: ['/store(/|\\.ts$|[a-z-]*\\.ts$)', '-store\\.ts$', TESTS] },
      to: { path: '^control-plane/src/generated/' },
    },
    {
      name: 'nats-stops-at-the-channel',
      comment: 'The agent knows NATS in channel/ alone',
      severity: 'error',
      from: { path: '^agent/src/', pathNot: ['^agent/src/channel/', TESTS] },
      to: { path: 'node_modules/@nats-io/' },
    },

    {
      name: 'web-features-below-app',
      severity: 'error',
      from: { path: '^web/src/(features|components|lib)/' },
      to: { path: '^web/src/app/' },
    },
    {
      name: 'web-components-know-no-feature',
      severity: 'error',
      from: { path: '^web/src/(components|lib)/' },
      to: { path: '^web/src/features/' },
    },
    {
      name: 'tests-are-leaves',
      comment: 'Nothing but tests, the bench, chaos, the canary and the screenshots imports test support',
      severity: 'error',
      from: { path: ANY_PACKAGE, pathNot: [TESTS, '^infra/(e2e|bench|chaos|canary|docs|test|test-support)/'] },
      to: { path: '^infra/test-support/|\\.test\\.tsx?$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.next|dist|\\.signalbox)/' },
    moduleSystems: ['es6'],
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.cruise.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
