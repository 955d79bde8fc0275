import 'reflect-metadata';
import { runCli, type Terminal } from './cli.program.js';
import { sessionsFrom } from './cli.session.js';

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

// Set, not forced: what was written must still reach a pipe.
process.exitCode = await runCli(process.argv.slice(2), sessionsFrom(terminal.err), terminal);
