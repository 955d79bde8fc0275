import { Command, CommanderError } from 'commander';
import { failureOf, type Failure } from './cli.failure.js';
import type { InSession } from './cli.session.js';
import { addEndpointCommands, type Answer } from './endpoints.commands.js';
import { addEventCommands } from './events.commands.js';
import { addSchemaCommands } from './schema.commands.js';

/** Where the program writes. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/** 0: done. 1: it failed. 2: it was asked for wrongly. */
export type ExitCode = 0 | 1 | 2;

const EXAMPLES = `
Examples:
  npm run cli -- endpoints list
  npm run cli -- endpoints register --provider <name> --url https://pay.example/webhooks/<name>
  npm run cli -- endpoints rotate --provider <name>
  npm run cli -- events --state dead
  npm run cli -- replay --dead
  npm run cli -- migrate --indexes

It reads the same environment and .env as the service. Ends with 0 when done, 1 when it failed, 2 when it was asked
for wrongly. With --json the answer, or {"error": …}, is all that stdout holds.`;

/** Runs one command. @param args without the program's own name. */
export async function runCli(
  args: readonly string[],
  inSession: InSession,
  terminal: Terminal,
): Promise<ExitCode> {
  const program = new Command('cli')
    .description('Operates a payments service from the command line.')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError('(--help tells more)')
    .addHelpText('after', EXAMPLES);
  const tell = ({ data, text }: Answer, asJson: boolean): void => {
    terminal.out(asJson ? `${JSON.stringify(data)}\n` : `${text}\n`);
  };
  addEndpointCommands(program, inSession, tell);
  addEventCommands(program, inSession, tell);
  addSchemaCommands(program, inSession, tell);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (thrown) {
    // Commander has told it already.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    const failure = failureOf(thrown);
    tellFailure(failure, args.includes('--json'), terminal);
    return failure.code === 'usage' ? 2 : 1;
  }
}

function tellFailure(failure: Failure, asJson: boolean, terminal: Terminal): void {
  if (asJson) terminal.out(`${JSON.stringify({ error: failure })}\n`);
  else terminal.err(`${failure.code}: ${failure.message}\n`);
}
