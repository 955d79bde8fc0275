/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['src', 'client', 'sandbox', 'demo', 'test', 'examples'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/test/browser/', '/test/crash/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^payments-client$': '<rootDir>/client/index.ts',
    '^payments-sandbox/(.*)\\.js$': '<rootDir>/sandbox/$1',
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
      },
    ],
  },
  testTimeout: 30_000,
  // More than the two cores that are counted on: many tests wait for servers most of the time.
  maxWorkers: 3,
};
