import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/opt/google/chrome',
  '/opt/homebrew/bin',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** It talks to nobody but the pages that it is sent to. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-quic',
  '--no-first-run',
  '--disable-component-update',
  '--disable-sync',
];

/** @throws Error of one line that says what to install, where there is no Chromium */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: QUIET });
}

/** CHROMIUM names the program; else it is looked for on the PATH and in the usual places. */
export function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  places: readonly string[] = PLACES,
): string {
  const named = env.CHROMIUM === undefined ? [] : [env.CHROMIUM];
  const folders = [
    ...(env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/')),
    ...places,
  ];
  const candidates = folders.flatMap((place) => [place, ...NAMES.map((name) => join(place, name))]);
  const found = [...named, ...candidates.filter((file) => /chrom[^/]*$/i.test(file))].find(isProgram);
  if (found !== undefined) return found;
  throw new Error(
    'chromium is missing: install it (Debian, Ubuntu: apt-get install chromium; macOS: brew install chromium), or name it in CHROMIUM',
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
