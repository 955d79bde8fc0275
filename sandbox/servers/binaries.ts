// No relative imports here: jest's globalSetup loads this file without the mapping of `.js` to `.ts`.
import { spawn } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

export type ServerName = 'nats-server' | 'pgbouncer';
export type Say = (line: string) => void;

interface Recipe {
  /** Folders searched after the PATH, best first. */
  readonly places: readonly string[];
  readonly apt: string;
  readonly brew: string;
}

const RECIPES: Record<ServerName, Recipe> = {
  'nats-server': {
    places: ['/usr/sbin', '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin', '~/go/bin', '/snap/bin'],
    apt: 'nats-server',
    brew: 'nats-server',
  },
  pgbouncer: {
    places: ['/usr/sbin', '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'],
    apt: 'pgbouncer',
    brew: 'pgbouncer',
  },
};

/** What the search and the installation see of the machine; a test describes another one. */
export interface Machine {
  readonly path: string;
  readonly home: string;
  readonly isRoot: boolean;
  /** Folders named in `Recipe.places` are looked for below this one. */
  readonly root: string;
  /** Runs a program to its end; resolves with its exit code and output, never throws for a failure. */
  run(
    program: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
  ): Promise<{ code: number; output: string }>;
}

export function thisMachine(): Machine {
  return {
    path: process.env.PATH ?? '',
    home: homedir(),
    isRoot: process.getuid?.() === 0,
    root: '/',
    run: runToEnd,
  };
}

/**
 * Absolute path of a server's program, symbolic links resolved: on the PATH, else in the usual places.
 * undefined where it is missing.
 */
export function findServer(name: ServerName, machine: Machine = thisMachine()): string | undefined {
  const recipe = RECIPES[name];
  const places = recipe.places.map((place) =>
    place.startsWith('~/') ? join(machine.home, place.slice(2)) : join(machine.root, place),
  );
  return [...foldersOnPath(machine), ...places]
    .map((folder) => executable(join(folder, name)))
    .find((found) => found !== undefined);
}

/**
 * Finds a server's program, and installs it with the machine's package manager where it is missing: apt-get
 * as root, or brew.
 * @param say gets one line when something is being installed
 * @throws Error of one line that says what to do, where it may not be installed or the installation failed
 */
export async function requireServer(
  name: ServerName,
  say: Say = () => {},
  machine: Machine = thisMachine(),
): Promise<string> {
  const found = findServer(name, machine);
  if (found) return found;
  const { apt, brew } = RECIPES[name];
  const aptGet = findOnPath('apt-get', machine);
  const brewProgram = findOnPath('brew', machine);
  if (aptGet && machine.isRoot) {
    say(`${name} is missing: installing it with apt-get`);
    const options = ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=120'];
    await install(name, machine, [
      [aptGet, 'update', ...options],
      [aptGet, 'install', ...options, '--no-install-recommends', apt],
    ]);
  } else if (brewProgram && !machine.isRoot) {
    say(`${name} is missing: installing it with brew install ${brew}`);
    await install(name, machine, [[brewProgram, 'install', brew]]);
  } else {
    throw new Error(`${name} is missing: ${advice(name, aptGet)}, or put it on the PATH`);
  }
  const installed = findServer(name, machine);
  if (!installed)
    throw new Error(`${name} is missing even after its package was installed: put it on the PATH`);
  return installed;
}

function advice(name: ServerName, aptGet: string | undefined): string {
  const { apt, brew } = RECIPES[name];
  if (aptGet) return `run "sudo apt-get install -y --no-install-recommends ${apt}"`;
  return `install it (Debian, Ubuntu: apt-get install ${apt}; macOS: brew install ${brew})`;
}

async function install(name: ServerName, machine: Machine, commands: readonly string[][]): Promise<void> {
  const failures: string[] = [];
  for (const [program, ...args] of commands) {
    const { code, output } = await machine.run(program, args, { DEBIAN_FRONTEND: 'noninteractive' });
    if (code === 0) failures.length = 0;
    else failures.push(`"${basename(program)} ${args[0]}" ended with ${code}: ${lastLine(output)}`);
  }
  // A failed update is only worth a word when the installation after it failed too.
  if (failures.length > 0) throw new Error(`${name} could not be installed: ${failures.join('; ')}`);
}

function runToEnd(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

function foldersOnPath(machine: Machine): string[] {
  return machine.path.split(delimiter).filter((folder) => folder.startsWith('/'));
}

function findOnPath(program: string, machine: Machine): string | undefined {
  return foldersOnPath(machine)
    .map((folder) => executable(join(folder, program)))
    .find((found) => found !== undefined);
}

/** The file behind the links. */
function executable(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() ? realpathSync(file) : undefined;
  } catch {
    return undefined;
  }
}
