import type { Settings } from './settings.js';

export interface Running {
  url: string;
  providers: readonly { name: string; livemode: boolean; hasWebhookKeys: boolean; registeredKeys: number }[];
  readiness: { degraded: readonly { what: string; reason: string }[]; notes: readonly string[] };
}

/** Holds no secret. `missing`: what is not set, and what follows from it. */
export function startReport(settings: Settings, { url, providers, readiness }: Running) {
  const { service, stores, nats } = settings;
  return {
    environment: service.nodeEnv,
    listening: url,
    publicUrl: service.publicUrl,
    providers: providers.map(({ name, livemode, hasWebhookKeys, registeredKeys }) => {
      const keys = [
        ...(hasWebhookKeys ? ['a key of the environment'] : []),
        ...(registeredKeys > 0 ? ['keys of registered endpoints'] : []),
      ];
      const webhooks = `${service.publicUrl}/webhooks/${name}`;
      const verifiedBy = keys.join(' and ') || 'no key that is known yet';
      return { name, mode: modeOf(name, livemode, settings), webhooks, verifiedBy };
    }),
    database: databaseOf(stores),
    broker: {
      servers: [...nats.servers],
      connected: !readiness.degraded.some(({ what }) => what === 'nats'),
    },
    missing: missingOf(settings),
    degraded: readiness.degraded.map(({ what, reason }) => `${what}: ${reason}`),
    notes: [...settings.warnings, ...readiness.notes],
  };
}

function modeOf(name: string, livemode: boolean, { stripe, conekta }: Settings): string {
  const { standIn, apiBase } = name === 'conekta' ? conekta : stripe;
  if (standIn) return `stand-in at ${new URL(apiBase ?? '').origin}`;
  return livemode ? 'live' : 'test';
}

/** Host and database, without user, password and options. */
function databaseOf({ databaseUrl, dataDir }: Settings['stores']): string {
  if (databaseUrl === undefined) return `embedded in ${dataDir}`;
  const { host, pathname } = new URL(databaseUrl);
  return `${host === '' ? 'this machine' : host}${pathname}`;
}

function missingOf({ service, stores, access, encryption, stripe, conekta }: Settings): string[] {
  const lines: [boolean, string][] = [
    [service.publicUrl === `http://127.0.0.1:${service.port}`, 'PUBLIC_URL: links lead to this machine'],
    [stores.databaseUrl === undefined, 'DATABASE_URL: the embedded database is for development'],
    [access.apiKeys.length === 0, 'API_KEYS: every caller may do everything'],
    [encryption.key === undefined, 'ENCRYPTION_KEY: signing secrets of registered endpoints cannot be kept'],
    [
      stripe.secretKey !== undefined && stripe.publishableKey === undefined,
      'STRIPE_PUBLISHABLE_KEY: no embedded checkout at stripe',
    ],
    [
      conekta.privateKey !== undefined && conekta.publicKey === undefined,
      'CONEKTA_PUBLIC_KEY: no embedded checkout at conekta',
    ],
  ];
  return lines.filter(([isMissing]) => isMissing).map(([, line]) => line);
}

export function startText(report: ReturnType<typeof startReport>): string {
  const { environment, listening, publicUrl, providers, database, broker } = report;
  const servers = broker.servers.join(', ');
  const rows: [string, string][] = [
    ['listening', listening],
    ['public', publicUrl],
    ...providers.map(({ name, mode, webhooks, verifiedBy }): [string, string] => [
      name,
      `${mode}; webhooks at ${webhooks}, verified by ${verifiedBy}`,
    ]),
    ['database', database],
    ['broker', `${servers}, ${broker.connected ? 'connected' : 'not connected'}`],
    ...(['missing', 'degraded', 'notes'] as const).flatMap((part) =>
      report[part].map((line, at): [string, string] => [at === 0 ? part : '', line]),
    ),
  ];
  const lines = rows.map(([what, text]) => `  ${what.padEnd(11)}${text}`);
  return ['', `payments, ${environment}`, ...lines, '', ''].join('\n');
}
