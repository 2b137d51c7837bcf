export { createTestDatabase, type TestDatabase } from '../../infra/test-support/database.ts';
