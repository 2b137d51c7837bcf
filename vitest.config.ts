import { defineConfig } from 'vitest/config';

const services = ['infra/test-support/global-setup.ts'];
const elsewhere = ['**/node_modules/**', '**/.next/**', '**/dist/**'];

/** `npm test` runs all four, cheapest first; `vitest run <file>` runs one. */
export default defineConfig({
  test: {
    reporters: ['default', './infra/test/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...elsewhere, '**/*.{db,bus}.test.ts', 'infra/e2e/**'],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          exclude: elsewhere,
          globalSetup: services,
          testTimeout: 20_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'bus',
          include: ['**/*.bus.test.ts'],
          exclude: elsewhere,
          globalSetup: services,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Whole stacks, which mostly wait: two at a time keep two cores busy, more would starve each other.
        test: {
          name: 'e2e',
          include: ['infra/e2e/**/*.test.ts'],
          exclude: elsewhere,
          globalSetup: services,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
