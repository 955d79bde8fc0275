/** Variables by name, as the process or a test gives them. */
export type Environment = Record<string, unknown>;

const STRIPE_API = 'https://api.stripe.com';
const CONEKTA_API = 'https://api.conekta.io';

/** Another server than the provider's own, where no money moves. */
export function isStandIn(provider: 'stripe' | 'conekta', apiBase: string | undefined): boolean {
  const own = { stripe: STRIPE_API, conekta: CONEKTA_API }[provider];
  return apiBase !== undefined && new URL(apiBase).origin !== own;
}

/** Names in use for one thing, ours first. */
export const NAMES_OF = {
  STRIPE_SECRET: ['STRIPE_SECRET', 'STRIPE_SECRET_KEY', 'STRIPE_API_KEY'],
  STRIPE_ENDPOINT_SECRET: [
    'STRIPE_ENDPOINT_SECRET',
    'STRIPE_WEBHOOK_SECRET',
    'STRIPE_ENPOINT_SECRET',
    'ENDPOINT_SECRET',
  ],
} as const;

/** Takes one pair of quotes off: `docker --env-file` and systemd leave them, and a quoted live key is a live key. */
export function withoutQuotes(
  given: Environment,
  names: readonly string[],
): { env: Environment; faults: string[] } {
  const env = { ...given };
  const faults: string[] = [];
  for (const name of names) {
    const value = env[name];
    if (typeof value !== 'string') continue;
    const text = value.trim();
    const [, quote, inside] = /^(["'`])([^]*)\1$/.exec(text) ?? [];
    if (quote !== undefined && inside !== undefined) {
      env[name] = inside;
      const isStillQuoted = /^(["'`])[^]*\1$/.test(inside.trim());
      if (!isStillQuoted && !inside.startsWith(quote) && !inside.endsWith(quote)) continue;
      faults.push(`${name} has more than one pair of quotes around it`);
    } else if (/^["'`]|["'`]$/.test(text)) faults.push(`${name} has a quote at one end only`);
    else continue;
    // The other rules look at what was meant.
    env[name] = text.replace(/^["'`\s]+|["'`\s]+$/g, '');
  }
  return { env, faults };
}

/** One line for each broken rule between variables. */
export function crossFaults(env: Environment): string[] {
  return [
    ...rivalFaults(env),
    ...misplacedFaults(env),
    ...stripeFaults(env),
    ...liveKeyFaults(env),
    ...missing(env).map(({ fault }) => fault),
  ];
}

/** A live key must not meet a database that may lose rows, nor an open door. */
function missing(env: Environment): { names: readonly string[]; fault: string }[] {
  const hasConekta = text(env, 'CONEKTA_PRIVATE_KEY') !== undefined;
  const production = env.NODE_ENV === 'production' && 'NODE_ENV=production';
  // Production asks for more already.
  const live = !production && (isLiveKey(stripeKey(env) ?? '') || isLiveConekta(env)) && 'a live key';
  const rules = [
    [production || live, 'DATABASE_URL', '', 'the embedded database is for development'],
    [production, 'API_KEYS', '', 'without a key the service is open to everybody'],
    [live, 'API_KEYS', '', 'without a key anybody may charge saved cards'],
    [production, 'PUBLIC_URL', '', 'without it customers would be sent to 127.0.0.1'],
    [hasConekta && production, 'CONEKTA_LIVEMODE', ' (true or false)', 'the key does not say it'],
  ] as const;
  const missed = rules
    .filter(([reason, name]) => reason !== false && text(env, name) === undefined)
    .map(([reason, name, values, why]) => ({
      names: [name],
      fault: `${name}${values} is required with ${reason}: ${why}`,
    }));
  if (hasConekta || stripeKey(env) !== undefined) return missed;
  const fault =
    'no provider is configured: Stripe wants STRIPE_SECRET and STRIPE_ENDPOINT_SECRET, ' +
    'Conekta wants CONEKTA_PRIVATE_KEY and CONEKTA_WEBHOOK_PUBLIC_KEYS';
  return [{ names: [...NAMES_OF.STRIPE_SECRET, 'CONEKTA_PRIVATE_KEY'], fault }, ...missed];
}

/** Two names for one thing, and nobody can say which one was meant. */
function rivalFaults(env: Environment): string[] {
  return Object.values(NAMES_OF).flatMap((names) => {
    const said = names.filter((name) => text(env, name) !== undefined);
    const differing = said.find((name) => text(env, name) !== text(env, said[0] ?? name));
    if (differing === undefined) return [];
    return [`${said.join(' and ')} are names for the same thing and hold different values: keep one of them`];
  });
}

/** What a value is by its first letters. */
const KINDS = [
  [/^(sk|rk)_/, 'a secret key of Stripe'],
  [/^pk_/, 'a publishable key of Stripe (pk_…)'],
  [/^whsec_/, 'the signing secret of a webhook endpoint (whsec_…)'],
  [/^we_/, 'the id of a webhook endpoint (we_…)'],
  [/^key_/, 'a key of Conekta (key_…)'],
  [/^-----BEGIN /, 'a key or certificate in PEM'],
  [/^[a-z][a-z0-9+.-]*:\/\//i, 'a URL'],
] as const;

const BELONGING = [
  [NAMES_OF.STRIPE_SECRET, KINDS[0], 'a secret key (sk_… or rk_…) belongs there'],
  [NAMES_OF.STRIPE_ENDPOINT_SECRET, KINDS[2], 'a signing secret (whsec_…) belongs there'],
  [['CONEKTA_PRIVATE_KEY'], KINDS[4], 'the private key (key_…) belongs there'],
  [['CONEKTA_PUBLIC_KEY'], KINDS[4], 'the public key (key_…) belongs there'],
] as const;

/** A key of one kind where another belongs. Never repeats it. */
function misplacedFaults(env: Environment): string[] {
  const faults: string[] = [];
  for (const [names, right, rule] of BELONGING) {
    for (const name of names) {
      const kinds = (text(env, name) ?? '')
        .split(',')
        .map((entry) => KINDS.find(([begins]) => begins.test(entry.trim())));
      const wrong = kinds.find((kind) => kind !== undefined && kind !== right);
      if (wrong !== undefined) faults.push(`${name} holds ${wrong[1]}: ${rule}`);
    }
  }
  const shown = text(env, 'CONEKTA_PUBLIC_KEY');
  if (shown !== undefined && shown === text(env, 'CONEKTA_PRIVATE_KEY'))
    faults.push('CONEKTA_PUBLIC_KEY holds the private key, which browsers would be sent');
  return faults;
}

/** A missing secret may still be that of a registered endpoint, which only the database knows. */
function stripeFaults(env: Environment): string[] {
  const key = stripeKey(env);
  if (key === undefined) return [];
  const faults: string[] = [];
  for (const name of NAMES_OF.STRIPE_ENDPOINT_SECRET) {
    if (text(env, name)?.split(',').some(isNoSecret) === true)
      faults.push(`${name} holds an empty or too short secret in its comma list`);
  }
  const publishable = text(env, 'STRIPE_PUBLISHABLE_KEY');
  if (publishable !== undefined && publishable.startsWith('pk_live_') !== isLiveKey(key)) {
    faults.push('STRIPE_PUBLISHABLE_KEY is of another mode than STRIPE_SECRET');
  }
  return faults;
}

/** One blank entry of a comma list would let anybody sign. */
function isNoSecret(entry: string): boolean {
  const secret = entry.trim();
  return secret.length < 8 || secret === 'undefined';
}

/** A live key must never be sent to another host than the provider's. */
function liveKeyFaults(env: Environment): string[] {
  const isLiveStripe = isLiveKey(stripeKey(env) ?? '');
  const origins = [
    [isLiveStripe, 'STRIPE_API_BASE', STRIPE_API],
    [isLiveStripe, 'STRIPE_JS_URL', 'https://js.stripe.com'],
    [isLiveConekta(env), 'CONEKTA_API_BASE', CONEKTA_API],
    [isLiveConekta(env), 'CONEKTA_COMPONENT_URL', 'https://pay.conekta.com'],
  ] as const;
  const isAt = (url: string, origin: string): boolean =>
    URL.canParse(url) && new URL(url).origin === origin && !url.includes('@');
  return origins
    .filter(([isLive, name, origin]) => isLive && !isAt(text(env, name) ?? origin, origin))
    .map(([, name, origin]) => `${name} must be unset or at ${origin} with a live key`);
}

function isLiveConekta(env: Environment): boolean {
  const keyed = text(env, 'CONEKTA_PRIVATE_KEY') !== undefined;
  return keyed && text(env, 'CONEKTA_LIVEMODE')?.toLowerCase() === 'true';
}

/** The variable that a provider's webhooks are verified with. */
export function webhookKeyVariable(provider: string): string {
  if (provider === 'stripe') return 'STRIPE_ENDPOINT_SECRET';
  return provider === 'conekta' ? 'CONEKTA_WEBHOOK_PUBLIC_KEYS' : `the webhook key of ${provider}`;
}

function stripeKey(env: Environment): string | undefined {
  const said = NAMES_OF.STRIPE_SECRET.map((name) => text(env, name));
  return said.find((value) => value !== undefined);
}

/** Stripe's live keys: sk_live_…, restricted rk_live_… and an organization's sk_org_live_…; also behind a quote. */
export function isLiveKey(key: string): boolean {
  return /\b(sk|rk)_(org_)?live_/.test(key);
}

function text(env: Environment, name: string): string | undefined {
  const value = env[name];
  const said = typeof value === 'string' ? value.trim() : '';
  return said === '' ? undefined : said;
}

/** The same name in other programs: alone it says nothing about ours. */
const NAMES_ELSEWHERE: readonly string[] = [
  'API_KEY',
  'CORS_ORIGIN',
  'DATABASE_URI',
  'DATABASE_URLS',
  'DATADIR',
  'LOGLEVEL',
  'NODEENV',
];

/** Shorter names are too close to each other: HOST and PORT to POST, HOSTS, SORT. */
const SHORTEST_SLIP = 6;

/** Names one slip away from ours, in any case: `faults` where the right one is missing, else `warnings`. */
export function slips(env: Environment, ours: readonly string[]): { faults: string[]; warnings: string[] } {
  const wanted = missing(env).flatMap(({ names }) => names);
  const found = { faults: [] as string[], warnings: [] as string[] };
  for (const name of Object.keys(env)) {
    if (ours.includes(name) || text(env, name) === undefined) continue;
    const meant = ours.find((known) => known.length >= SHORTEST_SLIP && isOneSlip(name.toUpperCase(), known));
    if (meant === undefined) continue;
    const line = `${name} is not read: did you mean ${meant}?`;
    if (wanted.includes(meant)) found.faults.push(line);
    else if (!NAMES_ELSEWHERE.includes(name)) found.warnings.push(line);
  }
  return found;
}

/** Damerau and Levenshtein's distance 0 or 1. */
function isOneSlip(written: string, meant: string): boolean {
  let same = 0;
  while (same < written.length && written[same] === meant[same]) same += 1;
  const [left, right] = [written.slice(same), meant.slice(same)];
  if (left.slice(1) === right.slice(1) || left.slice(1) === right || left === right.slice(1)) return true;
  return left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2);
}
