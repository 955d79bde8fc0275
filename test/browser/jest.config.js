import base from '../../jest.config.js';

/** What people see and do, in a real Chromium. */
/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/browser'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  // No Postgres: the service keeps its embedded database, and a broker is found or installed when it is started.
  globalSetup: undefined,
  globalTeardown: undefined,
  testTimeout: 60_000,
  maxWorkers: 2,
};
