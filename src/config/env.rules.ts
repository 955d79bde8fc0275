/** Variables by name, as the process or a test gives them. */
export type Environment = Record<string, unknown>;

/** Rules that hold between variables. Returns one line for each that is broken. */
export function crossFaults(env: Environment): string[] {
  return [...providerFaults(env), ...productionFaults(env), ...liveKeyFaults(env)];
}

function providerFaults(env: Environment): string[] {
  const stripe = stripeKey(env);
  if (stripe === undefined && text(env, 'CONEKTA_PRIVATE_KEY') === undefined) {
    return [
      'no provider is configured: Stripe wants STRIPE_SECRET and STRIPE_ENDPOINT_SECRET, ' +
        'Conekta wants CONEKTA_PRIVATE_KEY and CONEKTA_WEBHOOK_PUBLIC_KEYS',
    ];
  }
  return stripe === undefined ? [] : stripeFaults(env, stripe);
}

/** A missing secret may still be that of a registered endpoint, which only the database knows. */
function stripeFaults(env: Environment, key: string): string[] {
  const faults: string[] = [];
  const webhookSecret = text(env, 'STRIPE_ENDPOINT_SECRET') ?? text(env, 'STRIPE_WEBHOOK_SECRET');
  if (webhookSecret?.split(',').some(isNoSecret) === true) {
    faults.push('STRIPE_ENDPOINT_SECRET holds an empty or too short secret in its comma list');
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

function productionFaults(env: Environment): string[] {
  if (env.NODE_ENV !== 'production') return [];
  const faults: string[] = [];
  if (text(env, 'DATABASE_URL') === undefined) {
    faults.push(
      'DATABASE_URL is required with NODE_ENV=production: the embedded database is for development',
    );
  }
  if (text(env, 'API_KEYS') === undefined) {
    faults.push(
      'API_KEYS is required with NODE_ENV=production: without a key the service is open to everybody',
    );
  }
  return faults;
}

/**
 * A live key must never be sent to another host than the provider's, nor meet a database that may lose rows, nor stand
 * behind a door that is open to everybody.
 */
function liveKeyFaults(env: Environment): string[] {
  const faults = [...liveStripeFaults(env), ...liveConektaFaults(env)];
  const live = isLiveKey(stripeKey(env) ?? '') || isLiveConekta(env);
  // With NODE_ENV=production both are said already.
  if (!live || env.NODE_ENV === 'production') return faults;
  if (text(env, 'DATABASE_URL') === undefined) {
    faults.push('DATABASE_URL is required with a live key: the embedded database is for development');
  }
  if (text(env, 'API_KEYS') === undefined) {
    faults.push('API_KEYS is required with a live key: without a key anybody may charge saved cards');
  }
  return faults;
}

function liveStripeFaults(env: Environment): string[] {
  if (!isLiveKey(stripeKey(env) ?? '')) return [];
  return [
    ...foreign(env, 'STRIPE_API_BASE', 'https://api.stripe.com'),
    ...foreign(env, 'STRIPE_JS_URL', 'https://js.stripe.com'),
  ];
}

function liveConektaFaults(env: Environment): string[] {
  if (text(env, 'CONEKTA_PRIVATE_KEY') === undefined) return [];
  if (env.NODE_ENV === 'production' && text(env, 'CONEKTA_LIVEMODE') === undefined) {
    return ['CONEKTA_LIVEMODE (true or false) is required with NODE_ENV=production: the key does not say it'];
  }
  if (!isLiveConekta(env)) return [];
  return [
    ...foreign(env, 'CONEKTA_API_BASE', 'https://api.conekta.io'),
    ...foreign(env, 'CONEKTA_COMPONENT_URL', 'https://pay.conekta.com'),
  ];
}

/** Says so when the variable names another server than the provider's. */
function foreign(env: Environment, name: string, origin: string): string[] {
  const url = text(env, name);
  if (url === undefined || (URL.canParse(url) && new URL(url).origin === origin && !url.includes('@'))) {
    return [];
  }
  return [`${name} must be unset or at ${origin} with a live key`];
}

function isLiveConekta(env: Environment): boolean {
  const keyed = text(env, 'CONEKTA_PRIVATE_KEY') !== undefined;
  return keyed && text(env, 'CONEKTA_LIVEMODE')?.toLowerCase() === 'true';
}

const WEBHOOK_KEY_VARIABLES: Readonly<Record<string, string>> = {
  stripe: 'STRIPE_ENDPOINT_SECRET',
  conekta: 'CONEKTA_WEBHOOK_PUBLIC_KEYS',
};

/** The variable that holds what a provider's webhooks are verified with. */
export function webhookKeyVariable(provider: string): string {
  return WEBHOOK_KEY_VARIABLES[provider] ?? `the webhook key of ${provider}`;
}

function stripeKey(env: Environment): string | undefined {
  return text(env, 'STRIPE_SECRET') ?? text(env, 'STRIPE_SECRET_KEY');
}

/**
 * Stripe's live keys: sk_live_…, restricted rk_live_… and an organization's sk_org_live_…; also behind quotes that a
 * shell or an env file left around them.
 */
export function isLiveKey(key: string): boolean {
  return /\b(sk|rk)_(org_)?live_/.test(key);
}

/** Without one pair of quotes around it, which an env file's reader may have left there. */
export function withoutQuotes(text: string): string {
  const [, , inside] = /^(["'`])([^"'`]*)\1$/.exec(text) ?? [];
  return inside === undefined ? text : inside.trim();
}

function text(env: Environment, name: string): string | undefined {
  const value = env[name];
  const said = typeof value === 'string' ? withoutQuotes(value.trim()) : '';
  return said === '' ? undefined : said;
}
