import { defineConfig } from 'vitest/config';

/** The suites of the matrix, which `npm test` runs too, and the measurements, which it does not. One at a time: time is measured. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['control-plane/src/authorization*.{test,measure}.ts'],
    globalSetup: ['infra/test-support/global-setup.ts'],
    // A thousand pairs of sign-ins, whose passwords are hashed slowly by design.
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
  },
});
