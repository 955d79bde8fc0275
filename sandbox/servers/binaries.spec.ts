import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { findServer, requireServer, type Machine } from './binaries.js';

describe('server programs', () => {
  let root: string;
  let commands: string[];
  let said: string[];

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'machine-')));
    commands = [];
    said = [];
  });
  afterEach(() => rm(root, { recursive: true }));

  const say = (line: string): void => void said.push(line);

  async function program(path: string, mode = 0o755): Promise<string> {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '#!/bin/sh\n');
    await chmod(file, mode);
    return file;
  }

  /** A machine that is all inside the test's folder; commands are recorded and answered with the exit code. */
  function machine(
    given: { isRoot?: boolean; code?: number; output?: string; onRun?: () => Promise<unknown> } = {},
  ): Machine {
    const { isRoot = false, code = 0, output = '', onRun } = given;
    return {
      path: join(root, 'on/path'),
      home: join(root, 'home'),
      root,
      isRoot,
      async run(file, args, env) {
        commands.push([`[${env.DEBIAN_FRONTEND}]`, basename(file), ...args].join(' '));
        await onRun?.();
        return { code, output };
      },
    };
  }

  describe('are found', () => {
    it('on the PATH, before the usual places', async () => {
      await program('usr/sbin/nats-server');
      const onPath = await program('on/path/nats-server');
      expect(findServer('nats-server', machine())).toBe(onPath);
    });

    it.each(['usr/sbin', 'usr/local/bin', 'opt/homebrew/bin', 'home/go/bin'])(
      'in %s, which is not on the PATH',
      async (folder) => {
        const file = await program(`${folder}/nats-server`);
        expect(findServer('nats-server', machine())).toBe(file);
      },
    );

    it('only where they can be executed', async () => {
      await program('usr/sbin/nats-server', 0o644);
      await mkdir(join(root, 'usr/local/bin/nats-server'), { recursive: true });
      expect(findServer('nats-server', machine())).toBeUndefined();
    });

    it('behind a link', async () => {
      const real = await program('usr/lib/somewhere/nats-server');
      await mkdir(join(root, 'on/path'), { recursive: true });
      await symlink(real, join(root, 'on/path/nats-server'));
      expect(findServer('nats-server', machine())).toBe(real);
    });

    it('without installing anything', async () => {
      const file = await program('usr/sbin/nats-server');
      await program('on/path/apt-get');
      expect(await requireServer('nats-server', say, machine({ isRoot: true }))).toBe(file);
      expect([commands, said]).toEqual([[], []]);
    });
  });

  describe('that are missing', () => {
    it('are installed with apt-get as root, announced on one line', async () => {
      await program('on/path/apt-get');
      const onRun = (): Promise<string> => program('usr/sbin/nats-server');
      const file = await requireServer('nats-server', say, machine({ isRoot: true, onRun }));
      expect(file).toBe(join(root, 'usr/sbin/nats-server'));
      expect(commands).toEqual([
        expect.stringMatching(/^\[noninteractive\] apt-get update /),
        expect.stringMatching(
          /^\[noninteractive\] apt-get install -y .*--no-install-recommends nats-server$/,
        ),
      ]);
      expect(said).toEqual(['nats-server is missing: installing it with apt-get']);
    });

    it('are installed with brew', async () => {
      await program('on/path/brew');
      const onRun = (): Promise<string> => program('opt/homebrew/bin/pgbouncer');
      const file = await requireServer('pgbouncer', say, machine({ onRun }));
      expect(file).toBe(join(root, 'opt/homebrew/bin/pgbouncer'));
      expect(commands).toEqual([expect.stringMatching(/ brew install pgbouncer$/)]);
      expect(said).toEqual(['pgbouncer is missing: installing it with brew install pgbouncer']);
    });

    it('are refused with one line that says what to do, where apt-get is there but we are not root', async () => {
      await program('on/path/apt-get');
      await expect(requireServer('nats-server', say, machine())).rejects.toThrow(
        'nats-server is missing: run "sudo apt-get install -y --no-install-recommends nats-server", ' +
          'or put it on the PATH',
      );
      expect([commands, said]).toEqual([[], []]);
    });

    it('are refused with one line that says what to do, where no package manager is known', async () => {
      const error = await requireServer('pgbouncer', say, machine({ isRoot: true })).catch((e: unknown) => e);
      expect(String(error)).toBe(
        'Error: pgbouncer is missing: install it (Debian, Ubuntu: apt-get install pgbouncer; ' +
          'macOS: brew install pgbouncer), or put it on the PATH',
      );
    });

    it('are reported with what the package manager said last, on one line, when it fails', async () => {
      await program('on/path/apt-get');
      const output = 'Reading package lists...\nE: Unable to fetch some archives\n';
      await expect(
        requireServer('nats-server', say, machine({ isRoot: true, code: 100, output })),
      ).rejects.toThrow(/^nats-server could not be installed: .*"apt-get install" ended with 100: E: Unable/);
    });

    it('are reported when the package did not bring them', async () => {
      await program('on/path/apt-get');
      await expect(requireServer('nats-server', say, machine({ isRoot: true }))).rejects.toThrow(
        'nats-server is missing even after its package was installed',
      );
    });
  });
});
