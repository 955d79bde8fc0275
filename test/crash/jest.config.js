import base from '../../jest.config.js';

/** The long ones: every failpoint, real outages, patience. One after the other, each with the machine to itself. */
/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/crash'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
