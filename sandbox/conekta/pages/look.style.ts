/** How the shop wants the component to look, as far as the sandbox plays it. */
export interface Look {
  /** CSS made of checked values only. */
  css: string;
  /** Null: the page's own words. */
  buttonText: string | null;
}

const LONGEST_JSON = 4_000;
const LONGEST_TEXT = 60;
const COLOR = /^#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i;

/** Options that are colours: those of today's component, then those of the older one. */
const COLORS: Record<string, (color: string) => string> = {
  colorPrimary: (color) => `:root { --accent: ${color}; }`,
  colorText: (color) => `:root { --ink: ${color}; }`,
  colorLabel: (color) => `.field label { color: ${color}; }`,
  'iframe.backgroundColor': (color) => `:root { --paper: ${color}; --ground: ${color}; }`,
  'iframe.colorText': (color) => `:root { --ink: ${color}; }`,
  'button.backgroundColor': (color) => `button { background: ${color}; border-color: ${color}; }`,
  'button.colorText': (color) => `button { color: ${color}; }`,
  'styles.states.empty.borderColor': (color) => `.field input:placeholder-shown { border-color: ${color}; }`,
  'styles.states.invalid.borderColor': (color) =>
    `.field input:user-invalid, .field input[aria-invalid] { border-color: ${color}; }`,
  'styles.states.valid.borderColor': (color) =>
    `.field input:valid:not(:placeholder-shown, [aria-invalid]) { border-color: ${color}; }`,
};

const LINE = '.field input, .field select { border-width: 0 0 1px; border-radius: 0; padding-inline: 0; }';
const DARK = `:root { --ink: #eef1f8; --soft: #b3bbcf; --paper: #161b2a; --ground: #161b2a; --line: #39435c; --bad: #ff9aa2; }
.mark.bad { background: #b3202a; } .note { background: #232b40; } .problem { background: #3a1c22; border-color: #7c3a42; }`;

/** Options that are one of a few words. */
const CHOICES: Record<string, Record<string, string>> = {
  backgroundMode: { darkMode: DARK },
  inputType: { minimalMode: LINE },
  'styles.inputType': { rounded: '.field input, .field select { border-radius: 1.5rem; }', line: LINE },
  'styles.buttonType': {
    rounded: 'button { border-radius: 1.5rem; }',
    sharp: 'button { border-radius: 0; }',
  },
};

/** @param json the component's `options`; what is unknown or ill-formed is left out, as Conekta does */
export function readLook(json: string | null): Look {
  const options = parsed(json);
  const colors = Object.entries(COLORS).map(([path, rule]) => {
    const color = textAt(options, path);
    return color !== undefined && COLOR.test(color) ? rule(color) : '';
  });
  const choices = Object.entries(CHOICES).map(([path, rules]) => rules[textAt(options, path) ?? ''] ?? '');
  return {
    // Modes first: a colour that the shop names counts more.
    css: [...choices, ...colors].filter(Boolean).join('\n'),
    buttonText: textAt(options, 'button.text')?.slice(0, LONGEST_TEXT) ?? null,
  };
}

function parsed(json: string | null): unknown {
  if (json === null || json.length > LONGEST_JSON) return null;
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function textAt(options: unknown, path: string): string | undefined {
  const value = path.split('.').reduce<unknown>(propertyOf, options);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function propertyOf(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return undefined;
  return Object.entries(holder).find(([key]) => key === name)?.[1];
}
