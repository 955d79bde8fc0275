/**
 * The import rules of the house. Each room lists the rooms that it may import; whatever is not listed is
 * forbidden, so a new room is closed until somebody writes down what it needs.
 */
const BASE = ['kernel', 'config', 'database'];
const OPERATIONS = [...BASE, 'http', 'ops', 'nats', 'outbox', 'providers'];
const CUSTOMERS = [...OPERATIONS, 'operations'];
const PAYMENTS = [...CUSTOMERS, 'customers'];
const SUBSCRIPTIONS = [...PAYMENTS, 'payments'];
const WEBHOOKS = [...SUBSCRIPTIONS, 'subscriptions'];

const ROOMS = {
  kernel: [],
  config: ['kernel'],
  database: ['kernel', 'config'],
  http: BASE,
  ops: [...BASE, 'http'],
  nats: ['kernel', 'config'],
  outbox: [...BASE, 'http', 'ops', 'nats'],
  providers: ['kernel', 'config', 'ops'],
  // Calls that change something at a provider.
  operations: OPERATIONS,
  // Who pays more than once, and their cards: a payment may be one of theirs.
  customers: CUSTOMERS,
  payments: PAYMENTS,
  subscriptions: SUBSCRIPTIONS,
  webhooks: WEBHOOKS,
  // Retention prunes the inbox.
  janitor: [...WEBHOOKS, 'webhooks'],
  checkout: SUBSCRIPTIONS,
  // The command line operates every room.
  cli: [...WEBHOOKS, 'webhooks', 'janitor', 'checkout'],
};

const roomRules = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `${room}-imports-only-${['itself', ...allowed].join('-')}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^(src|examples|test|bench)/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
}));

/**
 * The folders of each room, lowest first: a folder imports itself and those before it. `.` stands for the files of the
 * room's root, and a file with its name for itself. A room that is not listed has no folders, and an adapter of a
 * provider is taken for a room of its own.
 */
const HEIGHTS = {
  http: ['logging', 'body', 'filters', 'validation', 'idempotency', 'access', '.'],
  outbox: ['.', 'stream', 'orders', 'outbox.readiness.ts', 'outbox.module.ts'],
  customers: ['customer', 'card', '.'],
  payments: ['payment', 'facts', 'session', 'charge', '.'],
  subscriptions: ['plan', 'subscription', 'cycle', 'facts', 'command', 'signup', '.'],
  webhooks: ['endpoint', '.', 'events', 'webhooks.module.ts'],
  checkout: ['texts', 'page', 'payment', 'card', '.'],
  providers: ['.', 'stripe', 'conekta', 'providers.module.ts'],
  'providers/stripe': [
    '.',
    'payment',
    'session',
    'plan',
    'customer',
    'subscription',
    'webhook',
    'endpoint',
    'stripe.provider.ts',
  ],
  'providers/conekta': [
    '.',
    'payment',
    'session',
    'plan',
    'webhook',
    'endpoint',
    'customer',
    'subscription',
    'conekta.provider.ts',
  ],
};

const heightRules = Object.entries(HEIGHTS).flatMap(([room, parts]) => {
  const named = parts.filter((part) => part.endsWith('.ts'));
  const pattern = (part) => {
    if (named.includes(part)) return `^src/${room}/${part}$`;
    if (part !== '.') return `^src/${room}/${part}/`;
    return `^src/${room}/(?!(${named.join('|')})$)[^/]+$`;
  };
  return [
    ...parts.map((part, height) => ({
      name: `${room}-${part === '.' ? 'root' : part}-imports-only-what-is-below`,
      severity: 'error',
      from: { path: pattern(part) },
      to: {
        path: `^src/${room}/`,
        pathNot: parts.slice(0, height + 1).map(pattern),
      },
    })),
    {
      name: `every-folder-of-${room}-has-a-height`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: parts.map(pattern) },
      to: {},
    },
  ];
});

/** Only these files of ours may import that package. */
function only(name, files, packages, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: '^(src|client|sandbox|demo)/', pathNot: files },
    to: { path: packages.map((one) => `^node_modules/${one}/`) },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    ...heightRules,
    {
      name: 'rooms-with-folders-have-heights',
      comment: 'A folder in a room wants a line in HEIGHTS.',
      severity: 'error',
      from: { path: '^src/[^/]+/[^/]+/', pathNot: `^src/(${Object.keys(HEIGHTS).join('|')})/` },
      to: {},
    },
    {
      name: 'every-room-has-a-rule',
      comment: 'A new folder in src wants a line in ROOMS.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(ROOMS).join('|')})/` },
      to: {},
    },
    {
      name: 'the-service-stands-alone',
      comment:
        'The client and the stand-ins are packages of their own: shared code would be shared mistakes.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(client|sandbox|demo|examples|test|bench)/' },
    },
    {
      name: 'packages-stand-alone',
      severity: 'error',
      from: { path: '^(client|sandbox)/' },
      to: { path: '^(src|client|sandbox|demo|examples|test|bench)/', pathNot: '^$1/' },
    },
    {
      name: 'the-demo-starts-programs',
      comment: 'It talks to them as anybody would; of the stand-ins it takes what starts servers.',
      severity: 'error',
      from: { path: '^demo/' },
      to: { path: '^(src|client|sandbox/(stripe|conekta)|examples|test|bench)/' },
    },
    {
      name: 'no-cycles',
      comment: 'Cycles of types count: they say that two files are one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'providers-are-known-to-their-module-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/providers/([^/]+/|providers\\.module\\.ts$)' },
      to: { path: '^src/providers/[^/]+/' },
    },
    {
      name: 'providers-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/providers/([^/]+)/' },
      to: { path: '^src/providers/[^/]+/', pathNot: '^src/providers/$1/' },
    },
    only(
      'stripe-sdk-in-its-adapter',
      ['^src/providers/stripe/', '^sandbox/stripe/stripe\\.types\\.ts$'],
      ['stripe'],
      'Its types stay in the adapter. The stand-in takes the shapes of the wire from them, and no code.',
    ),
    only(
      'sql-in-stores',
      ['^src/database/', '\\.store\\.ts$', '\\.tables\\.ts$'],
      ['drizzle-orm'],
      'Whoever needs rows asks a store.',
    ),
    only(
      'database-drivers-in-database',
      ['^src/database/', '^demo/demo\\.programs\\.ts$'],
      ['pg'],
      'The demo gives the orders service a database of its own.',
    ),
    only('environment-schema-in-config', '^src/config/', ['joi', '@nestjs/config']),
    {
      name: 'no-development-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      // By its package's exports the sandbox is there only once it is built; tsc finds it by the paths of tsconfig.json.
      to: { couldNotResolve: true, pathNot: '^payments-sandbox/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count too.
    tsPreCompilationDeps: true,
    // A spec may look into any room to set the scene.
    exclude: { path: ['^(client|sandbox|demo)/dist/', '\\.spec\\.ts$'] },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
