import { Command, CommanderError } from 'commander';
import { failureOf, type Tell, withJson } from './cli.answer.js';
import type { InSession } from './cli.session.js';
import { addEndpointCommands } from './endpoints.commands.js';
import { addEventCommands } from './events.commands.js';

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/** 0: done. 1: it failed. 2: it was asked for wrongly. */
type ExitCode = 0 | 1 | 2;

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
  const tell: Tell = ({ data, text }, asJson) => terminal.out(`${asJson ? JSON.stringify(data) : text}\n`);
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
    if (args.includes('--json')) terminal.out(`${JSON.stringify({ error: failure })}\n`);
    else terminal.err(`${failure.code}: ${failure.message}\n`);
    return failure.code === 'usage' ? 2 : 1;
  }
}

function addSchemaCommands(program: Command, inSession: InSession, tell: Tell): void {
  withJson(program.command('migrate'))
    .description(
      'bring the schema up to date, as every start does; over MIGRATION_DATABASE_URL where it is set',
    )
    .option(
      '--indexes',
      'build the indexes too that a start leaves out on large tables, while the service runs',
    )
    .action(async ({ indexes = false, json = false }: { indexes?: boolean; json?: boolean }) => {
      const data = await inSession(async ({ schema }) => {
        const built = indexes ? await schema.buildIndexes() : [];
        return { migrations: schema.migrations, built, missing: await schema.missingIndexes() };
      });
      const { migrations, built, missing } = data;
      const lines = [`The schema is up to date: ${migrations} migrations.`];
      if (built.length > 0) lines.push(`Built: ${built.join(', ')}.`);
      if (missing.length > 0) lines.push(`Not built yet: ${missing.join(', ')}. Run it with --indexes.`);
      tell({ data, text: lines.join('\n') }, json);
    });
}
