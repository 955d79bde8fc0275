/** Variables by name, as the process or a test gives them. */
export type Environment = Record<string, unknown>;

/** Rules that hold between variables. Returns one line for each that is broken. */
export function crossFaults(env: Environment): string[] {
  return [...providerFaults(env), ...productionFaults(env), ...liveKeyFaults(env)];
}

function providerFaults(env: Environment): string[] {
  const key = text(env, 'STRIPE_SECRET') ?? text(env, 'STRIPE_SECRET_KEY');
  if (key === undefined) {
    return ['no provider is configured: Stripe wants STRIPE_SECRET and STRIPE_ENDPOINT_SECRET'];
  }
  const webhookSecret = text(env, 'STRIPE_ENDPOINT_SECRET') ?? text(env, 'STRIPE_WEBHOOK_SECRET');
  const faults: string[] = [];
  if (webhookSecret === undefined) {
    faults.push('STRIPE_ENDPOINT_SECRET is missing: without it no webhook of Stripe can be verified');
  } else if (webhookSecret.split(',').some(isNoSecret)) {
    faults.push('STRIPE_ENDPOINT_SECRET holds an empty or too short secret in its comma list');
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

/** A live key must never be sent to another host than the provider's, nor meet a database that may lose rows. */
function liveKeyFaults(env: Environment): string[] {
  const key = text(env, 'STRIPE_SECRET') ?? text(env, 'STRIPE_SECRET_KEY');
  if (key === undefined || !isLiveKey(key)) return [];
  const faults: string[] = [];
  const base = text(env, 'STRIPE_API_BASE');
  if (base !== undefined && !/^https:\/\/api\.stripe\.com\/?$/.test(base)) {
    faults.push('STRIPE_API_BASE must be unset or https://api.stripe.com with a live key');
  }
  if (text(env, 'DATABASE_URL') === undefined) {
    faults.push('DATABASE_URL is required with a live key: the embedded database is for development');
  }
  return faults;
}

/** Stripe's live keys: sk_live_… and restricted rk_live_…. */
export function isLiveKey(key: string): boolean {
  return /^(sk|rk)_live_/.test(key);
}

function text(env: Environment, name: string): string | undefined {
  const value = env[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
